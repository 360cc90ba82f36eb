import type { CommandStartedEvent } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/platform/mongo/database.js';
import type { ContractDetailsView } from '../../src/reading/contract-details.js';
import {
  createPayment,
  type House,
  makeDeal,
  ok,
  processPayment,
  readPayment,
  settled,
  startHouse,
} from '../support/house.js';

describe('the road of a payment', () => {
  let house: House;

  beforeAll(async () => {
    house = await startHouse();
  });

  afterAll(() => house.stop());

  it('leads from an offer to a confirmed payment', async () => {
    const { server, simulator } = house;
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    await settled(server);
    const path = `/api/v2/contracts/${deal.contract.id}`;
    const commands: CommandStartedEvent[] = [];
    server.app.get(Database).client.on('commandStarted', (event) => commands.push(event));

    const first = await deal.client.get<ContractDetailsView>(path);
    const second = await deal.client.get<ContractDetailsView>(path);
    expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS', 'HIT']);
    expect(first.headers.get('x-served-by')).toBe('replica1');
    const processed = await processPayment(deal.client, id);
    expect(processed.status).toBe(200);
    const visit = await simulator.pay(processed.body.redirectUrl ?? '');
    expect(visit.returned).toMatchObject({ status: 303, location: `/?payment=${id}` });
    await simulator.idle();
    await settled(server);
    const paid = await readPayment(deal.client, id);
    expect(paid).toMatchObject({ status: 'paid' });
    const third = await deal.client.get<ContractDetailsView>(path);
    expect(third.headers.get('x-cache')).toBe('MISS');
    expect(third.body.totals).toEqual({
      paid: { minor: 25_000, currency: 'AED' },
      open: { minor: 0, currency: 'AED' },
      remaining: { minor: 75_000, currency: 'AED' },
    });
    console.log(JSON.stringify(third.body, null, 1), JSON.stringify(paid, null, 1));
  });
});
