import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { ask, call, endOf, type Json, query, refOf, sale, startGateway } from './simulator-wire.js';

const post = async (simulator: Simulator, path: string, more: Json = {}) =>
  (await call(simulator, path, { send: { profile_id: 98765, ...more } })).reply;

describe('PayLinks', () => {
  it('are made, changed, shown, and paid any number of times', async () => {
    const simulator = await startGateway();
    const wish = { link_title: 'Gift', cart_currency: 'AED', cart_amount: 10 };
    const made = await post(simulator, 'link/create', wish);
    expect(made).toMatchObject({ link_title: 'Gift', cart_amount: '10.00' });
    const { paylink_id, link_url } = made;
    await post(simulator, 'link/update', { paylink_id, cart_amount: 20 });
    const path = `link/view/98765/${String(paylink_id)}`;
    expect((await call(simulator, path, { method: 'GET' })).reply).toMatchObject({
      link_title: 'Gift',
      cart_amount: '20.00',
    });
    expect(await post(simulator, path)).toMatchObject({ link_url });
    await simulator.pay(String(link_url));
    await simulator.pay(String(link_url));
    expect(simulator.issuerLog().map(({ amount }) => amount.minor)).toEqual([2000n, 2000n]);
    expect(await post(simulator, 'link/view/98765/1')).toMatchObject({ code: 2 });
    expect(await post(simulator, path.replace('98765', '7'))).toMatchObject({ code: 2 });
  });
});

describe('other products', () => {
  it('cancel an agreement, once', async () => {
    const shop = await startShop();
    const own = { profileId: 98765, serverKey: 'SOWN', clientKey: 'C1', merchantId: 1 };
    const simulator = await startGateway({
      profiles: [own, { ...own, profileId: 7, serverKey: 'SOTHER' }],
    });
    const agreement = { agreement_description: 'Monthly', repeat_terms: 0 };
    const page = await ask(simulator, sale({ agreement, callback: shop.callbackUrl }));
    await simulator.pay(String(page.redirect_url));
    await simulator.idle();
    const { agreement_id } = JSON.parse(String(shop.callbacks[0]?.body)) as Json;
    const cancel = () => post(simulator, 'agreement/cancel', { agreement_id });
    const other = { send: { profile_id: 7, agreement_id }, key: 'SOTHER' };
    expect((await call(simulator, 'agreement/cancel', other)).reply).toMatchObject({ code: 2 });
    expect(await cancel()).toEqual({
      message: 'Agreement has been cancelled',
      status: 'success',
      trace: expect.any(String),
    });
    expect(await cancel()).toMatchObject({ code: 2 });
  });

  it('bill by SADAD with the shape that was captured', async () => {
    const simulator = await startGateway();
    const { cart_id, ...rest } = sale({ cart_currency: 'SAR', cart_description: 'A bill' });
    const bill = await post(simulator, 'apm/sadad/ifs/request', { ...rest, cart_id });
    expect(bill).toEqual({
      biller_id: '902',
      sadad_number: expect.stringMatching(/^\d{12}$/),
      cart_id,
      tran_ref: expect.stringMatching(/^TST/),
      expire_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/),
      invoice_id: expect.any(Number),
    });
    const tran_ref = refOf(bill);
    const seen = await query(simulator, tran_ref);
    expect(seen).toMatchObject({
      tran_type: 'Payment Request',
      original_tran_type: 'Sale',
      payment_info: { payment_method: 'SADAD (IFS)', card_scheme: 'Unknown', issuerName: 'IFS' },
      serviceId: 1,
    });
    expect(endOf(seen)).toBe(`P/${String(bill.sadad_number)}`);
    const inquire = () => post(simulator, 'apm/sadad/ifs/inquiry', { tran_ref });
    expect(await inquire()).toMatchObject({ status: 'pending' });
    simulator.dashboard.settle(tran_ref);
    expect(await inquire()).toMatchObject({ status: 'closed' });
    const again = await post(simulator, 'apm/sadad/ifs/request', { ...rest, cart_id });
    expect(again).toMatchObject({ code: 4 });
    const dear = await post(simulator, 'apm/sadad/ifs/request', sale());
    expect(dear).toMatchObject({ code: 206 });
  });

  it('inquire at valU', async () => {
    const simulator = await startGateway();
    expect(await post(simulator, 'info/valu/inquiry', { amount: 500 })).toMatchObject({
      valuResponse: { responseCode: 0 },
    });
  });

  it('are not where nobody heard of them', async () => {
    const simulator = await startGateway();
    for (const path of ['request/cancel', 'balance', 'transactions']) {
      expect((await call(simulator, path, { send: {} })).status).toBe(404);
    }
  });
});
