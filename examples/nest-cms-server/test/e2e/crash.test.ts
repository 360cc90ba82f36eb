import type { Simulator } from '@nestcms/paytabs-client/testing';
import { until } from '@nestcms/testbed';
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentDocument } from '../../src/payments/payment.document.js';
import type { NoticeDocument } from '../../src/payments/webhook/notice.document.js';
import type { OutboxDocument } from '../../src/platform/outbox/outbox.collection.js';
import type { Api } from '../support/api.js';
import {
  createPayment,
  makeDeal,
  ok,
  openPage,
  processPayment,
  readPayment,
  startGateway,
} from '../support/house.js';
import { booksOf, ledgerOf } from '../support/money.js';
import { questionsAbout } from '../support/notice.js';
import { type ServerProcess, startServerProcess } from '../support/start-server-process.js';

// Each test starts two processes; on a busy machine that alone takes long.
const TEST_TIMEOUT_MS = 120_000;
const inTime = { timeoutMs: 45_000 };

describe('a server that is killed', { timeout: TEST_TIMEOUT_MS }, () => {
  let simulator: Simulator;
  let server: ServerProcess;

  beforeEach(async () => {
    simulator = await startGateway();
    server = await startServerProcess({ simulator });
  }, TEST_TIMEOUT_MS);

  afterEach(async () => {
    await server.stop();
    await simulator.stop();
  }, TEST_TIMEOUT_MS);

  /** SIGKILL, then the same server again over the same data. Tokens stay good. */
  const crashAndRestart = async (api: Api): Promise<Api> => {
    await server.kill();
    const { variables } = server;
    await server.stop({ keepData: true });
    server = await startServerProcess({ variables });
    return new (api.constructor as typeof Api)(server.url, api.token);
  };

  it('between storing a notice and processing it has lost nothing', async () => {
    const { payment, client, redirectUrl } = await openPage(server);
    simulator.faults.add({ kind: 'hang', route: 'query', times: 'always' });
    await simulator.pay(redirectUrl, { closeTab: true });
    await simulator.idle();
    expect(simulator.deliveries()).toMatchObject([{ status: 200 }]);
    const tranRef = simulator.ledger().at(-1)?.tranRef ?? '';
    await until(() => questionsAbout(simulator, tranRef) > 0, { ...inTime, what: 'the question' });
    const notices = () => server.db.collection<NoticeDocument>('webhookInbox');
    expect(await notices().findOne()).toMatchObject({
      pending: true,
      leasedBy: expect.any(String),
    });

    await server.kill();
    simulator.faults.clear();
    // The new one takes the notice over as soon as the lease of the dead one is over.
    const api = await crashAndRestart(client);
    await until(async () => (await readPayment(api, payment.id)).status === 'paid', {
      ...inTime,
      what: 'the confirmation',
    });

    expect(await notices().find().toArray()).toMatchObject([
      { pending: false, tries: 2, result: { verdict: 'applied', reason: 'pay' } },
    ]);
    expect(await booksOf(server)).toEqual(ledgerOf(simulator));
    const events = server.db.collection<OutboxDocument>('outbox');
    const paid = { 'aggregate.id': payment.id, type: 'payment.paid' };
    await until(async () => (await events.findOne(paid))?.pending === false, {
      ...inTime,
      what: 'the delivery of the event',
    });
    expect(await events.countDocuments(paid)).toBe(1);
  });

  it('while it asked for a page leaves a payment that can still be paid, once', async () => {
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    const disarm = simulator.faults.add({ kind: 'hang', route: 'request' });
    const cut = processPayment(deal.client, id).catch(() => 'cut');
    await until(() => simulator.requests().length > 0, { ...inTime, what: 'the page request' });

    const client = await crashAndRestart(deal.client);
    disarm();
    expect(await cut).toBe('cut');
    expect(await processPayment(client, id)).toMatchObject({
      status: 202,
      body: { payment: { status: 'processing', tries: 1 } },
    });
    // Time goes by, until a fresh try is safe.
    await server.db
      .collection<PaymentDocument>('payments')
      .updateOne(
        { _id: new ObjectId(id) },
        { $set: { 'attempts.0.startedAt': new Date(Date.now() - 5 * 60_000) } },
      );
    const { payment, redirectUrl } = await ok(processPayment(client, id));
    expect(payment.tries).toBe(2);
    await simulator.pay(redirectUrl ?? '');
    await until(async () => (await readPayment(client, id)).status === 'paid', {
      ...inTime,
      what: 'the confirmation',
    });
    expect(await booksOf(server)).toEqual(ledgerOf(simulator));
    expect(await booksOf(server)).toHaveLength(1);
  });
});
