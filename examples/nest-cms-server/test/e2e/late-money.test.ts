import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PaymentDocument } from '../../src/payments/payment.document.js';
import { Reconciler } from '../../src/payments/reconciler.js';
import type { Api } from '../support/api.js';
import {
  createPayment,
  makeDeal,
  ok,
  openPage,
  processPayment,
  readPayment,
  settled,
} from '../support/house.js';
import { booksOf, ledgerOf } from '../support/money.js';
import { noticeBody } from '../support/notice.js';
import { type NoticeHouse, startNoticeHouse } from '../support/notice-house.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The server's clock runs ahead of the gateway's, and no notice goes out by itself. */
describe('money that comes late', () => {
  let house: NoticeHouse;

  beforeAll(async () => {
    house = await startNoticeHouse();
  });
  afterAll(() => house.stop());

  /** Time goes by, and whatever the server does by itself meanwhile has been done. */
  const pass = async (ms: number) => {
    house.clock.advance(ms);
    await settled(house.server);
  };
  /** A token does not live as long as these tests pretend to last. */
  const signInAgain = async (clientId: string): Promise<Api> => {
    const user = await house.server.db
      .collection<{ email: string }>('users')
      .findOne({ _id: new ObjectId(clientId) });
    return house.server.api.login(user?.email ?? '');
  };
  const page = async () => {
    const { payment, redirectUrl } = await openPage(house.server);
    return { id: payment.id, clientId: payment.clientId, redirectUrl };
  };
  const tranRefOf = (cartId: string) =>
    house.simulator.ledger().find((entry) => entry.cartId === cartId)?.tranRef ?? '';
  /** What the gateway says to every question until it is disarmed. */
  const answer = (body: unknown) =>
    house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      times: 'always',
      body,
    });
  const stateOf = async (id: string, clientId: string) =>
    readPayment(await signInAgain(clientId), id);

  it('on a page that was given up is found by asking, and booked', async () => {
    const { id, clientId, redirectUrl } = await page();
    house.clock.advance(21 * MINUTE_MS);
    const second = await ok(processPayment(await signInAgain(clientId), id));
    expect(second.payment.tries).toBe(2);
    await house.simulator.pay(redirectUrl, { closeTab: true });
    for (let hour = 0; hour < 4; hour += 1) await pass(HOUR_MS);
    expect(await stateOf(id, clientId)).toMatchObject({
      status: 'paid',
      tranRef: tranRefOf(`${id}.1`),
    });
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });

  it('after the try expired is found by the browser’s return', async () => {
    const { id, clientId, redirectUrl } = await page();
    await pass(26 * MINUTE_MS);
    expect((await stateOf(id, clientId)).status).toBe('expired');
    await house.simulator.pay(redirectUrl);
    await settled(house.server);
    expect((await stateOf(id, clientId)).status).toBe('paid');
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });

  it('after the try expired is found before another page is asked for', async () => {
    const { id, clientId, redirectUrl } = await page();
    await pass(26 * MINUTE_MS);
    await house.simulator.pay(redirectUrl, { closeTab: true });
    const answer = await processPayment(await signInAgain(clientId), id);
    expect(answer).toMatchObject({ status: 200, body: { payment: { status: 'paid', tries: 1 } } });
    expect(answer.body.redirectUrl).toBeUndefined();
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });

  it('for a payment that was paid by another try is booked as surplus and told', async () => {
    const { id, clientId, redirectUrl } = await page();
    house.clock.advance(21 * MINUTE_MS);
    const second = await ok(processPayment(await signInAgain(clientId), id));
    await house.simulator.pay(second.redirectUrl ?? '', { closeTab: true });
    await house.simulator.deliver(tranRefOf(`${id}.2`));
    await settled(house.server);
    expect((await stateOf(id, clientId)).status).toBe('paid');
    await house.simulator.pay(redirectUrl, { closeTab: true });
    for (let hour = 0; hour < 4; hour += 1) await pass(HOUR_MS);
    expect(ledgerOf(house.simulator, id)).toHaveLength(2);
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'paidTwice' } }]);
  });

  it('leaves no way to a second page: neither a key nor a slow answer gives its address', async () => {
    const { id, clientId, redirectUrl } = await page();
    house.clock.advance(21 * MINUTE_MS);
    const second = await ok(processPayment(await signInAgain(clientId), id, 'second-try'));
    expect(second.redirectUrl).toBeDefined();
    await house.simulator.pay(redirectUrl, { closeTab: true });
    await house.simulator.deliver(tranRefOf(`${id}.1`));
    await settled(house.server);
    const replay = await processPayment(await signInAgain(clientId), id, 'second-try');
    expect(replay).toMatchObject({ status: 200, body: { payment: { status: 'paid' } } });
    expect(replay.body.redirectUrl).toBeUndefined();

    // The page request of the first try is answered after the second one was paid.
    const deal = await makeDeal(house.server);
    const slow = await ok(createPayment(deal));
    const disarm = house.simulator.faults.add({ kind: 'slow', route: 'request', delayMs: 3_000 });
    const late = processPayment(deal.client, slow.id);
    await expect.poll(() => house.simulator.requests().at(-1)?.path).toBe('/payment/request');
    disarm();
    house.clock.advance(131_000);
    const fresh = await ok(processPayment(await signInAgain(slow.clientId), slow.id));
    expect(fresh.payment.tries).toBe(2);
    await house.simulator.pay(fresh.redirectUrl ?? '', { closeTab: true });
    await house.simulator.deliver(tranRefOf(`${slow.id}.2`));
    await settled(house.server);
    const answered = await late;
    expect(answered).toMatchObject({ status: 200, body: { payment: { status: 'paid' } } });
    expect(answered.body.redirectUrl).toBeUndefined();
  });

  it('is not looked for any more three days after the end of the page', async () => {
    const { id } = await page();
    const payments = house.server.db.collection('payments');
    const watched = async () => (await payments.findOne({ _id: new ObjectId(id) }))?.nextCheckAt;
    for (let day = 0; day < 2; day += 1) await pass(24 * HOUR_MS);
    expect(await watched()).toBeInstanceOf(Date);
    for (let day = 0; day < 2; day += 1) await pass(24 * HOUR_MS);
    expect(await watched()).toBeUndefined();
  });

  it('that was given back before anybody asked pays nothing, and is told', async () => {
    const { id, tranRef, client } = await house.usedPage();
    const sale = noticeBody({ id }, { tran_ref: tranRef });
    // Rows of a cart do not say which transaction they act on.
    const voided = noticeBody({ id }, { tran_ref: 'TST2632400000556', tran_type: 'Void' });
    const disarm = answer([voided, sale]);
    await pass(2 * MINUTE_MS);
    await pass(2 * MINUTE_MS);
    disarm();
    expect(await readPayment(client, id)).toMatchObject({
      status: 'failed',
      history: [{}, {}, { to: 'failed', reason: 'undoneAtGateway' }],
    });
    expect(await booksOf(house.server, id)).toEqual([]);
    expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'undoneAtGateway' } }]);
  });

  it('that went back is not taken for a payment when its own notice comes after that of the void', async () => {
    const { id, tranRef, client } = await house.usedPage();
    const voided = noticeBody(
      { id },
      { tran_ref: 'TST2632400000559', tran_type: 'Void', previous_tran_ref: tranRef },
    );
    const disarm = answer(voided);
    await house.post(voided);
    await settled(house.server);
    disarm();
    await house.simulator.deliver(tranRef);
    await settled(house.server);
    // By the server's clock that notice was old, so only money would have counted.
    await pass(2 * MINUTE_MS);
    expect(await readPayment(client, id)).toMatchObject({ status: 'failed' });
    expect(await booksOf(house.server, id)).toEqual([]);
    expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'undoneAtGateway' } }]);
  });

  it('of another amount keeps other pages away, for as long as it is there', async () => {
    const { id, tranRef, payment } = await house.usedPage();
    const disarm = answer([noticeBody({ id }, { tran_ref: tranRef, tran_total: '240.00' })]);
    for (let day = 0; day < 6; day += 1) await pass(24 * HOUR_MS);
    const again = await processPayment(await signInAgain(payment.clientId), id);
    expect(again).toMatchObject({ status: 202, body: { payment: { tries: 1 } } });
    expect(house.alertsAbout(id).map(({ data }) => data.reason)).toEqual([
      'bindingMismatch',
      'undecided',
    ]);
    for (let day = 0; day < 30; day += 1) await pass(24 * HOUR_MS);
    disarm();
    expect((await stateOf(id, payment.clientId)).status).toBe('expired');
  });

  it('that a deferred payment never brought is waited for no longer than the gateway does', async () => {
    const { id, tranRef, payment } = await house.usedPage();
    const waiting = noticeBody(
      { id },
      {
        tran_ref: tranRef,
        tran_type: 'Payment Request',
        payment_result: { response_status: 'P', response_code: '600' },
      },
    );
    const expired = noticeBody(
      { id },
      {
        tran_ref: 'TST2632400000445',
        payment_result: { response_status: 'X', response_code: '355' },
      },
    );
    let disarm = answer([waiting]);
    await pass(30 * MINUTE_MS);
    const early = await processPayment(await signInAgain(payment.clientId), id);
    expect(early.status).toBe(202);
    disarm();
    disarm = answer([expired, waiting]);
    await pass(HOUR_MS);
    expect((await stateOf(id, payment.clientId)).status).toBe('expired');
    const fresh = await processPayment(await signInAgain(payment.clientId), id);
    expect(fresh).toMatchObject({ status: 200, body: { payment: { tries: 2 } } });
    expect(fresh.body.redirectUrl).toBeDefined();
    disarm();
  });

  it('is asked about again when the browser comes back while an answer is on its way', async () => {
    const { id, clientId, redirectUrl } = await page();
    await pass(26 * MINUTE_MS);
    const disarm = house.simulator.faults.add({ kind: 'hang', route: 'query' });
    house.clock.advance(HOUR_MS);
    const turn = house.server.app.get(Reconciler).drain();
    await expect
      .poll(() => house.simulator.requests().at(-1)?.path, { timeout: 15_000 })
      .toBe('/payment/query');
    await house.simulator.pay(redirectUrl);
    disarm();
    await turn;
    await settled(house.server);
    expect((await stateOf(id, clientId)).status).toBe('paid');
  });

  it('that is refunded at the gateway leaves the payment paid, and is told once', async () => {
    const { id, tranRef, client } = await house.usedPage();
    await house.simulator.deliver(tranRef);
    await settled(house.server);
    const refund = noticeBody(
      { id },
      { tran_ref: 'TST2632400000557', tran_type: 'Refund', previous_tran_ref: tranRef },
    );
    const disarm = house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      times: 'always',
      body: refund,
    });
    await house.post(refund);
    await house.post({ ...refund, ipn_trace: 'IPNS0001.6A000002.00000009' });
    await settled(house.server);
    disarm();
    expect((await readPayment(client, id)).status).toBe('paid');
    expect(house.alertsAbout(id)).toMatchObject([
      { data: { reason: 'undoneAtGateway', tranRef: 'TST2632400000557' } },
    ]);
  });

  it('whose end the gateway leaves open keeps other pages away, is told, and is given up in the end', async () => {
    const { id, tranRef, payment } = await house.usedPage();
    const open = noticeBody(
      { id },
      { tran_ref: tranRef, payment_result: { response_status: 'E', response_code: '401' } },
    );
    const disarm = house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      times: 'always',
      body: [open],
    });
    await pass(30 * MINUTE_MS);
    expect(house.alertsAbout(id)).toEqual([]);
    const early = await processPayment(await signInAgain(payment.clientId), id);
    expect(early).toMatchObject({ status: 202, body: { payment: { status: 'processing' } } });
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(60);
    for (let day = 0; day < 3; day += 1) await pass(24 * HOUR_MS);
    expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'undecided' } }]);
    for (let day = 0; day < 30; day += 1) await pass(24 * HOUR_MS);
    disarm();
    expect(await stateOf(id, payment.clientId)).toMatchObject({
      status: 'expired',
      history: [{}, {}, { to: 'expired', reason: 'undecided' }],
    });
  });

  it('in a row that cannot be read keeps other pages away, and is told', async () => {
    const { id, tranRef, payment } = await house.usedPage();
    const sale = noticeBody({ id }, { tran_ref: tranRef });
    const odd = noticeBody({ id }, { tran_ref: 'TST2632400000444', tran_currency: 'XXQ' });
    let disarm = answer([odd, sale]);
    await pass(2 * MINUTE_MS);
    disarm();
    expect((await stateOf(id, payment.clientId)).status).toBe('paid');
    expect(house.alertsAbout(id)).toMatchObject([
      { data: { reason: 'unreadableTransaction', tranRef: 'TST2632400000444' } },
    ]);

    const other = await house.usedPage();
    disarm = answer([noticeBody({ id: other.id }, { tran_currency: 'XXQ' })]);
    for (let hour = 0; hour < 30; hour += 1) await pass(HOUR_MS);
    expect((await stateOf(other.id, other.payment.clientId)).status).toBe('processing');
    expect(house.alertsAbout(other.id)).toMatchObject([{ data: { reason: 'undecided' } }]);
    disarm();
    for (let hour = 0; hour < 2; hour += 1) await pass(HOUR_MS);
    expect((await stateOf(other.id, other.payment.clientId)).status).toBe('paid');
  });

  it('is not feared for one answer that cannot be read', async () => {
    const { id, clientId } = await page();
    for (let day = 0; day < 2; day += 1) await pass(24 * HOUR_MS);
    const disarm = answer([noticeBody({ id }, { tran_currency: 'XXQ' })]);
    await pass(20 * HOUR_MS);
    disarm();
    expect(house.alertsAbout(id)).toEqual([]);
    expect((await stateOf(id, clientId)).status).toBe('expired');
  });

  it('cannot be hidden by a flood of keys or of tries', async () => {
    const { id, clientId } = await page();
    const client = await signInAgain(clientId);
    const payments = house.server.db.collection<PaymentDocument>('payments');
    const _id = new ObjectId(id);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    await payments.updateOne({ _id }, { $set: { 'attempts.0.keys': keys } });
    expect((await processPayment(client, id, 'key-7')).status).toBe(200);
    expect((await processPayment(client, id, 'one-more')).body).toMatchObject({
      code: 'TOO_MANY_KEYS',
    });
    const one = (await payments.findOne({ _id }))?.attempts[0];
    if (!one) throw new Error('There is no try');
    const { nextCheckAt: _, ...over } = {
      ...one,
      state: 'ended' as const,
      end: 'refused' as const,
    };
    const attempts = Array.from({ length: 50 }, (_each, index) => ({
      ...over,
      number: index + 1,
      cartId: `${id}.${index + 1}`,
      keys: [],
    }));
    await payments.updateOne({ _id }, { $set: { attempts, status: 'failed' } });
    expect((await processPayment(client, id)).body).toMatchObject({ code: 'TOO_MANY_TRIES' });
  });

  it('is found by its notice though the gateway could not be asked for long before', async () => {
    const { id, tranRef, payment } = await house.usedPage();
    const disarm = house.simulator.faults.add({ kind: 'html', route: 'query', times: 'always' });
    await house.post(noticeBody({ id }, { tran_ref: tranRef }));
    for (let turn = 0; turn < 10; turn += 1) await pass(6 * MINUTE_MS);
    disarm();
    // One answer that it knows nothing of it proves nothing.
    house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      status: 400,
      body: { code: 113, message: 'Transaction not found', trace: 'PMNT0101.6A000001.00000A01' },
    });
    for (let turn = 0; turn < 3; turn += 1) await pass(6 * MINUTE_MS);
    expect((await stateOf(id, payment.clientId)).status).toBe('paid');
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });
});
