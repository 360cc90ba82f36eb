import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdempotencyDocument } from '../../src/platform/idempotency/idempotency.collection.js';
import { Database } from '../../src/platform/mongo/database.js';
import type { ContractDetailsView } from '../../src/reading/contract-details.js';
import { EventRecorder } from '../support/event-recorder.js';
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
import { caughtUp, ReadMonitor } from '../support/members.js';
import { booksOf, ledgerOf } from '../support/money.js';

describe('the road of a payment', () => {
  const events = new EventRecorder();
  let house: House;

  beforeAll(async () => {
    house = await startHouse({
      variables: { LOG_LEVEL: 'info' },
      overrides: { modules: [events.module] },
    });
  });

  afterAll(() => house.stop());

  it('leads from an offer to a confirmed payment, with each part doing its own', async () => {
    const { server, simulator } = house;
    const { client: mongo } = server.app.get(Database);
    const reads = await ReadMonitor.of(mongo);

    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    await settled(server);
    await caughtUp(server);

    // The contract: read from its member once, then kept.
    const read = () =>
      deal.client.get<ContractDetailsView>(`/api/v2/contracts/${deal.contract.id}`);
    // Sign-in, rights and invoices were read on the primary alone.
    expect(reads.take()).toEqual([]);
    const first = await read();
    const second = await read();
    expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS', 'HIT']);
    expect(first.body.payments).toMatchObject([{ id, status: 'created' }]);
    expect(reads.take()).toEqual(['contracts on replica1']);

    // The client goes to the page and pays; what the browser brings back only leads to the payment.
    const processed = await ok(processPayment(deal.client, id));
    expect(processed.payment.status).toBe('processing');
    const visit = await simulator.pay(processed.redirectUrl ?? '');
    expect(visit.returned).toMatchObject({ status: 303, location: `/?payment=${id}` });
    await simulator.idle();
    await settled(server);
    await caughtUp(server);

    const paid = await readPayment(deal.client, id);
    expect(paid.history.map(({ to }) => to)).toEqual(['created', 'processing', 'paid']);
    expect(paid.tranRef).toBe(simulator.ledger()[0]?.tranRef);

    // What was kept is dropped: the next answer is new, whoever asks.
    expect(reads.take()).toEqual([]);
    const third = await read();
    expect(third.headers.get('x-cache')).toBe('MISS');
    expect(third.body.payments).toMatchObject([{ id, status: 'paid', paidAt: paid.paidAt }]);
    expect(third.body.totals.paid).toEqual({ minor: 25_000, currency: 'AED' });
    expect(reads.take()).toEqual(['contracts on replica1']);
    expect((await read()).headers.get('x-cache')).toBe('HIT');

    // Statistics come from another member.
    expect(reads.take()).toEqual([]);
    const statistics = await deal.client.get('/api/v2/payments/stats');
    expect(statistics.body).toEqual({
      byStatus: [{ status: 'paid', count: 1, amount: { minor: 25_000, currency: 'AED' } }],
    });
    expect(reads.take()).toEqual(['payments on replica2']);

    // The gateway's books and ours agree, and each event was told once.
    expect(await booksOf(server)).toEqual(ledgerOf(simulator));
    expect(simulator.issuerLog()).toMatchObject([{ approved: true }]);
    expect(events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
    expect(events.of(deal.contract.id)).toEqual(['contract.created']);
    const pages = simulator.requests().filter(({ path }) => path === '/payment/request');
    expect(pages).toHaveLength(1);
    expect(simulator.deliveries()).toMatchObject([{ status: 200 }]);
  });

  it('keeps its guards in documents: the key, the intent and the notice', async () => {
    const { server, simulator } = house;
    const [entry] = simulator.ledger();
    const { db } = server;
    const key = await db.collection<IdempotencyDocument>('idempotencyKeys').findOne();
    expect(key).toMatchObject({ v: 1, route: 'POST /payments/create' });
    expect(await db.collection('paymentIntents').findOne()).toMatchObject({
      v: 2,
      cartId: entry?.cartId,
      state: { name: 'pageOpen', tranRef: entry?.tranRef },
    });
    expect(await db.collection('webhookInbox').findOne()).toMatchObject({
      v: 1,
      tranRef: entry?.tranRef,
      status: 'A',
      pending: false,
      result: { verdict: expect.stringMatching(/applied|unchanged/) },
    });
  });

  it('writes one thread through the log: the notice and its processing share a request id', () => {
    const { log } = house.server;
    const received = log.lines.find(({ route }) => route === '/api/v2/payments/webhook');
    const processed = log.named('notice processed');
    expect(processed.map(({ requestId }) => requestId)).toContain(received?.requestId);
  });
});
