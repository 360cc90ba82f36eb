import { PayTabsClient } from '@nestcms/paytabs-client';
import { payTabsReturnBody } from '@nestcms/webhook-security/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { gatewayTime, noticeBody, questionsAbout } from '../support/notice.js';
import { MONTH_MS, type NoticeHouse, startNoticeHouse } from '../support/notice-house.js';

describe('notices of the gateway', () => {
  let house: NoticeHouse;

  beforeAll(async () => {
    house = await startNoticeHouse();
  });

  afterAll(() => house.stop());

  it('have one effect when fifty copies come at once', async () => {
    const { id, client, tranRef } = await house.usedPage();
    const deliveries = await house.simulator.deliver(tranRef, { times: 50, parallel: 50 });
    expect(deliveries.map(({ status }) => status)).toEqual(Array(50).fill(200));
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('paid');
    expect(await house.noticesOf(id)).toMatchObject([
      { pending: false, result: { verdict: 'applied' } },
    ]);
    expect(questionsAbout(house.simulator, tranRef)).toBe(1);
    expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect((await house.post(noticeBody({ id }, { tran_ref: tranRef }))).body).toEqual({
      received: true,
      duplicate: true,
    });
  });

  it.each(['forged', 'unsigned', 'tampered', 'reserialised'] as const)(
    'are answered 401 and forgotten when %s',
    async (mutate) => {
      const { id, client, tranRef } = await house.usedPage();
      const [delivery] = await house.simulator.deliver(tranRef, { mutate });
      expect(delivery?.status).toBe(401);
      await settled(house.server);
      expect(await house.noticesOf(id)).toEqual([]);
      expect(await readPayment(client, id)).toMatchObject({ status: 'processing', tries: 1 });
      expect(questionsAbout(house.simulator, tranRef)).toBe(0);
      expect(await booksOf(house.server, id)).toEqual([]);
      expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing']);
      expect(house.alertsAbout(id)).toEqual([]);
    },
  );

  it('are not believed when stale: the gateway is asked once, and only its word counts', async () => {
    const { id, client, tranRef } = await house.usedPage();
    const [delivery] = await house.simulator.deliver(tranRef, { mutate: 'stale' });
    expect(delivery?.status).toBe(200);
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('paid');
    expect(questionsAbout(house.simulator, tranRef)).toBe(1);
    expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });

  it('have no effect when stale and the gateway shows no money, failed as it may be', async () => {
    const { id, client, tranRef, payment } = await house.usedPage({ card: 'wrongCvv' });
    const open = await openPage(house.server);
    const stale = (about: Pick<typeof payment, 'id'>, tran_ref: string, response_status: string) =>
      house.post(
        noticeBody(about, {
          tran_ref,
          payment_result: {
            response_status,
            transaction_time: gatewayTime(Date.now() - MONTH_MS),
          },
        }),
      );
    expect((await stale({ id }, tranRef, 'D')).body).toEqual({ received: true, stale: true });
    const page = house.simulator.ledger().at(-1)?.tranRef ?? '';
    expect((await stale(open.payment, page, 'A')).status).toBe(200);
    await settled(house.server);
    expect(questionsAbout(house.simulator, tranRef)).toBe(1);
    expect(questionsAbout(house.simulator, page)).toBe(1);
    expect(await house.noticesOf(id)).toMatchObject([
      { result: { verdict: 'unchanged', reason: 'stale' } },
    ]);
    for (const [api, payment] of [
      [client, id],
      [open.client, open.payment.id],
    ] as const) {
      const { status, history } = await readPayment(api, payment);
      expect({ status, moves: history.length }).toEqual({ status: 'processing', moves: 2 });
    }
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });

  it.each<[string, Record<string, unknown>]>([
    ['amount', { tran_total: '1.00', cart_amount: '1.00' }],
    ['moved amount', { tran_total: '249.99' }],
    ['currency', { tran_currency: 'EGP', cart_currency: 'EGP' }],
    ['profile', { profile_id: 11_111 }],
    ['parent', { previous_tran_ref: 'TST2632400000001' }],
  ])(
    'are kept, told and not applied when they are signed but of another %s',
    async (_name, over) => {
      const { id, client, tranRef } = await house.usedPage();
      expect((await house.post(noticeBody({ id }, { tran_ref: tranRef, ...over }))).status).toBe(
        200,
      );
      await settled(house.server);
      expect(await house.noticesOf(id)).toMatchObject([
        { pending: false, result: { verdict: 'refused', reason: 'bindingMismatch' } },
      ]);
      expect((await readPayment(client, id)).status).toBe('processing');
      expect(questionsAbout(house.simulator, tranRef)).toBe(0);
      expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'bindingMismatch' } }]);
    },
  );

  it.each<[string, Record<string, unknown>, string[]]>([
    ['amount', { cart_amount: '0.25', tran_total: '0.25' }, ['total', 'cartAmount']],
    ['currency', { cart_currency: 'EGP', tran_currency: 'EGP' }, ['currency', 'cartAmount']],
    ['profile', { profileId: 11_111 }, ['profileId']],
    ['cart', { cart_id: '665f1c2ab7e4d2a1c3f4e5d9.1' }, ['cartId']],
  ])(
    'are compared again with the gateway’s own answer: another %s',
    async (_name, over, mismatches) => {
      const { id, client, tranRef } = await house.usedPage();
      const body = { ...noticeBody({ id }, { tran_ref: tranRef }), profileId: 98_765, ...over };
      const disarm = house.simulator.faults.add({
        kind: 'reply',
        route: 'query',
        when: 'before',
        times: 'always',
        body,
      });
      await house.simulator.deliver(tranRef);
      await settled(house.server);
      disarm();
      expect(await house.noticesOf(id)).toMatchObject([{ result: { verdict: 'refused' } }]);
      expect((await readPayment(client, id)).status).toBe('processing');
      expect(house.events.of(id)).not.toContain('payment.paid');
      const alerts = house.events.deliveries.filter(
        ({ type, aggregate }) => type === 'alert.raised' && aggregate.id === id,
      );
      expect(alerts).toMatchObject([{ data: { reason: 'bindingMismatch', mismatches } }]);
    },
  );

  it('may follow a declined card on the same page: the money there is what counts', async () => {
    const { id, client, tranRef } = await house.usedPage();
    const declined = noticeBody(
      { id },
      { tran_ref: 'TST2632400000776', payment_result: { response_status: 'D' } },
    );
    const disarm = house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      times: 'always',
      body: [declined, noticeBody({ id }, { tran_ref: tranRef })],
    });
    house.clock.advance(2 * 60_000);
    await settled(house.server);
    disarm();
    expect(await readPayment(client, id)).toMatchObject({ status: 'paid', tranRef });
    expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
  });

  it('about an unknown cart are answered 200, kept and told', async () => {
    const id = '665f1c2ab7e4d2a1c3f4e5d6';
    expect(await house.post(noticeBody({ id }))).toMatchObject({
      status: 200,
      body: { received: true },
    });
    await settled(house.server);
    expect(await house.noticesOf(id)).toMatchObject([
      { result: { verdict: 'unmatched', reason: 'unknownCart' } },
    ]);
    expect(house.alertsAbout(id)).toMatchObject([{ data: { reason: 'unknownCart' } }]);
  });

  it('of a refund never pay anything', async () => {
    const { id, client, tranRef } = await house.usedPage();
    const refund = {
      tran_type: 'Refund',
      tran_ref: 'TST2632400000999',
      previous_tran_ref: tranRef,
    };
    expect((await house.post(noticeBody({ id }, refund))).status).toBe(200);
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('processing');
    // The gateway is asked about it, and as long as it knows of no refund nobody is told of one.
    expect(questionsAbout(house.simulator, 'TST2632400000999')).toBe(1);
    expect(await house.noticesOf(id)).toMatchObject([{ pending: true, unknownAnswers: 1 }]);
    expect(house.alertsAbout(id)).toEqual([]);

    const refused = {
      ...refund,
      tran_ref: 'TST2632400000998',
      payment_result: { response_status: 'E' },
    };
    await house.post(noticeBody({ id }, refused));
    await settled(house.server);
    expect((await house.noticesOf(id)).at(-1)).toMatchObject({
      result: { verdict: 'unchanged', reason: 'followUp' },
    });
    expect(questionsAbout(house.simulator, 'TST2632400000998')).toBe(0);
  });

  it('of a failure that come late do not undo a payment', async () => {
    const { id, client, tranRef } = await house.usedPage();
    await house.simulator.deliver(tranRef);
    await settled(house.server);
    for (const response_status of ['D', 'E', 'C', 'X', 'V']) {
      await house.post(
        noticeBody({ id }, { tran_ref: tranRef, payment_result: { response_status } }),
      );
    }
    await settled(house.server);
    expect(await readPayment(client, id)).toMatchObject({ status: 'paid', tranRef });
    expect((await house.noticesOf(id)).map(({ pending }) => pending)).toEqual(Array(6).fill(false));
    expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
  });

  it('of declined cards end the try and leave the breaker closed; a new try may pay', async () => {
    const deal = await makeDeal(house.server);
    const { id } = await ok(createPayment(deal));
    const attempt = async (card: 'wrongCvv' | 'visa') => {
      const { redirectUrl } = await ok(processPayment(deal.client, id));
      await house.simulator.pay(redirectUrl ?? '', { card, closeTab: true });
      await house.simulator.deliver(house.simulator.ledger().at(-1)?.tranRef ?? '');
      await settled(house.server);
      return (await readPayment(deal.client, id)).status;
    };
    for (let i = 0; i < 12; i += 1) expect(await attempt('wrongCvv')).toBe('failed');
    const { read, write } = house.server.app.get(PayTabsClient).breakers;
    expect([read.state, write.state]).toEqual(['closed', 'closed']);
    expect([read.stats().totals.failed, write.stats().totals.failed]).toEqual([0, 0]);
    expect(await attempt('visa')).toBe('paid');
    expect(await readPayment(deal.client, id)).toMatchObject({ tries: 13, status: 'paid' });
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect(await processPayment(deal.client, id)).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_PAID' },
    });
  });

  it('may get lost: the browser’s return makes the server ask', async () => {
    const page = await openPage(house.server);
    const { returned } = await house.simulator.pay(page.redirectUrl);
    expect(returned).toMatchObject({ status: 303, location: `/?payment=${page.payment.id}` });
    await settled(house.server);
    expect((await readPayment(page.client, page.payment.id)).status).toBe('paid');
    expect(await house.noticesOf(page.payment.id)).toEqual([]);
  });

  it('are not replaced by a return by GET, which leads to the page and says nothing', async () => {
    const { client, payment } = await openPage(house.server);
    const answer = await house.server.api.get(
      `/api/v2/payments/return?cartId=${payment.id}.1&respStatus=A`,
    );
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    await settled(house.server);
    expect(questionsAbout(house.simulator, payment.id)).toBe(0);
    expect((await readPayment(client, payment.id)).status).toBe('processing');
  });

  it('are not replaced by a return, whatever it claims', async () => {
    const { client, payment } = await openPage(house.server);
    const fields = {
      tranRef: house.simulator.ledger().at(-1)?.tranRef ?? '',
      cartId: `${payment.id}.1`,
      respStatus: 'A',
      respCode: 'G12345',
      respMessage: 'Authorised',
    };
    const goBack = (key: string) =>
      house.server.api.post('/api/v2/payments/return', payTabsReturnBody(fields, key).toString(), {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const forged = await goBack('SFORGED000-FORGED0000-FORGED0000');
    expect([forged.status, forged.headers.get('location')]).toEqual([303, '/']);
    const signed = await goBack(house.simulator.serverKey);
    expect(signed.headers.get('location')).toBe(`/?payment=${payment.id}`);
    await settled(house.server);
    expect(await readPayment(client, payment.id)).toMatchObject({ status: 'processing', tries: 1 });
  });

  it('are not needed in the end: what they did not tell is found by asking', async () => {
    const { id } = await house.usedPage();
    expect(await booksOf(house.server, id)).toEqual([]);
    house.clock.advance(2 * 60_000);
    await settled(house.server);
    expect(await booksOf(house.server)).toEqual(ledgerOf(house.simulator));
    const moved = new Set(house.events.deliveries.map(({ id }) => id));
    expect(moved.size).toBe(house.events.deliveries.length);
  });

  it('about a transaction that the gateway never comes to know are given up and told', async () => {
    const { payment } = await openPage(house.server);
    await house.post(noticeBody(payment, { tran_ref: 'TST2632499999999' }));
    for (let turn = 1; turn < 8; turn += 1) {
      await settled(house.server);
      expect(await house.noticesOf(payment.id)).toMatchObject([{ pending: true, tries: turn }]);
      house.clock.advance(2 * 60_000);
    }
    await settled(house.server);
    expect(await house.noticesOf(payment.id)).toMatchObject([
      { pending: false, tries: 8, result: { verdict: 'abandoned' } },
    ]);
    expect(house.alertsAbout(payment.id)).toMatchObject([
      { data: { reason: 'unknownTransaction' } },
    ]);
  });
});
