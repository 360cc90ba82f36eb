import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxRelay } from '../src/platform/outbox/outbox-relay.js';
import type { ContractDetailsView } from '../src/reading/contract-details.js';
import type { PaymentStatisticsView } from '../src/reading/payment-statistics.js';
import type { Answer } from './support/api.js';
import {
  createPayment,
  type Deal,
  type House,
  makeDeal,
  ok,
  processPayment,
  settled,
  startHouse,
} from './support/house.js';
import { type Platform, startPlatform } from './support/platform.js';

const details = ({ client, contract }: Deal) =>
  client.get<ContractDetailsView>(`/api/v2/contracts/${contract.id}`);
const statistics = ({ client }: Deal) =>
  client.get<PaymentStatisticsView>('/api/v2/payments/stats');
const cacheOf = ({ headers }: Answer) => headers.get('x-cache');

/** Reads twice, so that it is in the cache, and says so. */
async function keep(read: () => Promise<Answer>): Promise<void> {
  await read();
  expect(cacheOf(await read())).toBe('HIT');
}

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.stop());

describe('what a process without a cache has written', () => {
  let writer: Platform;
  beforeAll(async () => {
    writer = await startPlatform({ variables: house.server.variables });
  });
  afterAll(() => writer.stop());

  /** Writes to a collection, and says so in the outbox, as any process would. */
  async function write(
    deal: Deal,
    collection: string,
    aggregate: string,
    set: object,
  ): Promise<void> {
    const { database, outbox } = writer;
    const contractId = new ObjectId(deal.contract.id);
    await database.transaction(async (session) => {
      await database
        .collection(collection)
        .updateMany({ $or: [{ _id: contractId }, { contractId }] }, { $set: set }, { session });
      await outbox.append(session, {
        type: `${aggregate}.changed`,
        aggregate: { type: aggregate, id: deal.contract.id },
        data: {},
      });
    });
    await settled(house.server);
  }

  it('about a contract is read anew here', async () => {
    const deal = await makeDeal(house.server);
    await settled(house.server);
    await keep(() => details(deal));
    await write(deal, 'contracts', 'contract', { title: 'By another process' });
    const after = await details(deal);
    expect([cacheOf(after), after.body.title]).toEqual(['MISS', 'By another process']);
  });

  it('about a payment is read anew here, in the contract and in the statistics', async () => {
    const deal = await makeDeal(house.server);
    await ok(createPayment(deal));
    await settled(house.server);
    await keep(() => details(deal));
    await keep(() => statistics(deal));
    await write(deal, 'payments', 'payment', { status: 'failed' });
    const [contract, sums] = [await details(deal), await statistics(deal)];
    expect([contract, sums].map(cacheOf)).toEqual(['MISS', 'MISS']);
    expect(contract.body.payments).toMatchObject([{ status: 'failed' }]);
    expect(sums.body.byStatus).toMatchObject([{ status: 'failed', count: 1 }]);
  });
});

describe('what this process has written', () => {
  it('is read anew straight after, without any event delivered', async () => {
    const { server } = house;
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    await settled(server);
    // From here on nothing comes over the outbox.
    await server.app.get(OutboxRelay).beforeApplicationShutdown();
    await keep(() => details(deal));
    await keep(() => statistics(deal));

    await ok(createPayment(deal, { minor: 100 }));
    const [created, sums] = [await details(deal), await statistics(deal)];
    expect([created, sums].map(cacheOf)).toEqual(['MISS', 'MISS']);
    expect(created.body.payments).toHaveLength(2);

    await ok(processPayment(deal.client, id));
    const processed = await details(deal);
    expect(cacheOf(processed)).toBe('MISS');
    expect(processed.body.payments).toMatchObject([{ status: 'processing' }, {}]);
    expect(cacheOf(await statistics(deal))).toBe('MISS');
    expect(await server.db.collection('outbox').countDocuments({ pending: true })).toBe(2);
  });
});
