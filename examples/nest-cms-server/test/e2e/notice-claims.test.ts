import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeDocument } from '../../src/payments/webhook/notice.document.js';
import { openPage, readPayment, settled } from '../support/house.js';
import { booksOf, ledgerOf } from '../support/money.js';
import { gatewayTime, noticeBody, questionsAbout } from '../support/notice.js';
import { MONTH_MS, type NoticeHouse, startNoticeHouse } from '../support/notice-house.js';

describe('several notices about one transaction', () => {
  let house: NoticeHouse;

  beforeAll(async () => {
    house = await startNoticeHouse();
  });

  afterAll(() => house.stop());

  it('of another amount do not stand in the way of the true one', async () => {
    const { id, client, tranRef } = await house.usedPage();
    const wrong = noticeBody(
      { id },
      { tran_ref: tranRef, tran_total: '1.00', cart_amount: '1.00' },
    );
    expect((await house.post(wrong)).body).toEqual({ received: true });
    await settled(house.server);
    // The same bytes again are a copy, whatever came of them.
    expect((await house.post(wrong)).body).toEqual({ received: true, duplicate: true });
    expect((await readPayment(client, id)).status).toBe('processing');

    const [delivery] = await house.simulator.deliver(tranRef);
    expect(delivery?.status).toBe(200);
    await settled(house.server);
    expect(await readPayment(client, id)).toMatchObject({ status: 'paid', tranRef });
    expect(questionsAbout(house.simulator, tranRef)).toBe(1);
    expect(house.alertsAbout(id)).toHaveLength(1);
    expect((await house.noticesOf(id)).map(({ result }) => result?.verdict)).toEqual([
      'refused',
      'applied',
    ]);
    const other = noticeBody({ id }, { tran_ref: tranRef });
    expect((await house.post(other)).body).toEqual({ received: true, duplicate: true });
  });

  it('that came to nothing because they were stale do not stand in the way of a fresh one', async () => {
    const { id, client, tranRef } = await house.usedPage({ card: 'wrongCvv' });
    const notice = (at: number) =>
      noticeBody(
        { id },
        {
          tran_ref: tranRef,
          payment_result: { response_status: 'D', transaction_time: gatewayTime(at) },
        },
      );
    await house.post(notice(Date.now() - MONTH_MS));
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('processing');
    expect((await house.post(notice(Date.now()))).body).toEqual({ received: true });
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('failed');
  });

  it('are forgotten in the end, and have no second effect when they come after that', async () => {
    const { id, client, tranRef } = await house.usedPage();
    await house.simulator.deliver(tranRef);
    await settled(house.server);
    const inbox = house.server.db.collection<NoticeDocument>('webhookInbox');
    const expiry = (await inbox.indexes()).find(({ name }) => name === 'removeProcessed');
    expect(expiry).toMatchObject({ key: { processedAt: 1 }, expireAfterSeconds: 90 * 86_400 });
    // As the database does once the time is over.
    await inbox.deleteMany({
      cartId: `${id}.1`,
      processedAt: { $lte: new Date(house.clock.wallTime()) },
    });

    expect((await house.post(noticeBody({ id }, { tran_ref: tranRef }))).body).toEqual({
      received: true,
    });
    await settled(house.server);
    expect(await house.noticesOf(id)).toMatchObject([
      { result: { verdict: 'unchanged', reason: 'known' } },
    ]);
    expect((await readPayment(client, id)).history).toHaveLength(3);
    expect(house.events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect(house.alertsAbout(id)).toEqual([]);
  });

  it('of the capture of a sale that was held confirm it, once the gateway says so too', async () => {
    const { payment, client } = await openPage(house.server);
    const { id } = payment;
    const page = house.simulator.ledger().at(-1)?.tranRef ?? '';
    const capture = noticeBody(
      { id },
      { tran_ref: 'TST2632400000888', previous_tran_ref: page, tran_type: 'Capture' },
    );
    const held = noticeBody(
      { id },
      { tran_ref: page, tran_type: 'Auth', payment_result: { response_status: 'H' } },
    );
    await house.post(held);
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('processing');

    const disarm = house.simulator.faults.add({
      kind: 'reply',
      route: 'query',
      when: 'before',
      times: 'always',
      body: capture,
    });
    await house.post(capture);
    await settled(house.server);
    disarm();
    expect(await readPayment(client, id)).toMatchObject({
      status: 'paid',
      tranRef: 'TST2632400000888',
    });
    expect(await booksOf(house.server, id)).toEqual([`TST2632400000888 ${id}.1 25000 AED`]);
  });
});
