import { describe, expect, it } from 'vitest';
import { startShop } from './shop.js';
import {
  ask,
  call,
  direct,
  endOf,
  type Json,
  moves,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

describe('a card filter', () => {
  it.each([
    ['5,51', 'D/354'],
    ['4111, 5', 'A'],
  ])('%s answers a Visa card with %s, before the bank is asked', async (card_filter, end) => {
    const simulator = await startGateway();
    const reply = await ask(simulator, direct({ card_filter }));
    expect(endOf(reply)).toBe(end);
    expect(simulator.issuerLog()).toHaveLength(end === 'A' ? 1 : 0);
  });

  it('says what the merchant says', async () => {
    const simulator = await startGateway();
    const words = { card_filter: '5', card_filter_title: 'Cards of our bank only' };
    expect((await ask(simulator, direct(words))).payment_result).toMatchObject({
      response_message: 'Cards of our bank only',
    });
    expect((await ask(simulator, direct({ card_filter: '5' }))).payment_result).toMatchObject({
      response_message: 'Card not approved by merchant',
    });
  });
});

describe('discounts', () => {
  it.each([
    ['an amount', { discount_cards: '4111,5200', discount_amount: 10 }, '690.00', 69_000],
    ['a share', { discount_cards: '4111', discount_percent: '12.5' }, '612.50', 61_250],
    ['another card', { discount_cards: '5200', discount_amount: 10 }, '700.00', 70_000],
    ['more than all', { discount_cards: '4111', discount_amount: 701 }, '700.00', 70_000],
  ])('of %s change what is moved, not what was asked for', async (_, discount, total, minor) => {
    const simulator = await startGateway();
    const request = { cart_amount: 700, card_discounts: [{ discount_title: 'Ours', ...discount }] };
    const reply = await ask(simulator, direct(request));
    expect(reply).toMatchObject({ cart_amount: '700.00', tran_total: total });
    expect(moves(simulator)).toEqual([`charge ${minor}`]);
  });

  it('bound what can be given back', async () => {
    const simulator = await startGateway();
    const card_discounts = [{ discount_cards: '4111', discount_amount: 10 }];
    const tran_ref = refOf(await ask(simulator, direct({ card_discounts })));
    const refund = (cart_amount: number) =>
      ask(simulator, sale({ tran_type: 'refund', tran_ref, cart_amount }));
    expect([endOf(await refund(90.01)), endOf(await refund(90))]).toEqual(['E/118', 'A']);
  });
});

describe('donations', () => {
  const donation = { donation_mode: true, cart_min: 5, cart_max: '20.00', cart_amount: 10 };

  it('move what the donor gives', async () => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale(donation));
    await simulator.pay(String(reply.redirect_url), { amount: '12.34' });
    expect(await query(simulator, refOf(reply))).toMatchObject({
      cart_amount: '10.00',
      tran_total: '12.34',
    });
    expect(moves(simulator)).toEqual(['charge 1234']);
  });

  it.each(['4.99', '20.01', 'much', '12.345'])('take no %s', async (amount) => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale(donation));
    await expect(simulator.pay(String(reply.redirect_url), { amount })).rejects.toThrow(
      'card form',
    );
    await simulator.pay(String(reply.redirect_url));
    expect(moves(simulator)).toEqual(['charge 1000']);
  });

  it('take anything but nothing where no range is given', async () => {
    const simulator = await startGateway();
    const url = String(
      (await ask(simulator, sale({ donation_mode: true, cart_min: 0 }))).redirect_url,
    );
    await expect(simulator.pay(url, { amount: '0' })).rejects.toThrow('card form');
    await expect(simulator.pay(url, { amount: '-5' })).rejects.toThrow('card form');
    await simulator.pay(url, { amount: '0.01' });
    expect(moves(simulator)).toEqual(['charge 1']);
  });

  it('also after the bank has asked', async () => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale(donation));
    await simulator.pay(String(reply.redirect_url), { amount: '7', card: 'visa3ds' });
    expect(moves(simulator)).toEqual(['charge 700']);
  });
});

describe('another currency', () => {
  const options = { rates: { 'AED/USD': '0.2723' } };
  const request = { alt_currency: 'usd', cart_amount: 100 };

  it('is what moves when the customer would rather pay it, and what is given back', async () => {
    const simulator = await startGateway(options);
    const { redirect_url: url, ...reply } = await ask(simulator, sale(request));
    expect(await (await fetch(String(url))).text()).toContain('USD 27.23');
    await simulator.pay(String(url), { alternative: true, card: 'visa3ds' });
    const tran_ref = refOf(reply);
    expect(await query(simulator, tran_ref)).toMatchObject({
      cart_currency: 'AED',
      cart_amount: '100.00',
      tran_currency: 'USD',
      tran_total: '27.23',
    });
    expect(simulator.issuerLog()[0]?.amount).toEqual({ minor: 2723n, currency: 'USD' });
    const refund = (more: Json) => ask(simulator, sale({ tran_type: 'refund', tran_ref, ...more }));
    await expect(refund({ cart_amount: 1 })).rejects.toThrow('206');
    expect(endOf(await refund({ cart_currency: 'USD', cart_amount: 27.23 }))).toBe('A');
  });

  it.each([
    ['the customer does not want it', options, request, {}],
    ['there is no rate', {}, request, { alternative: true }],
    ['it is the same', options, { ...request, alt_currency: 'AED' }, { alternative: true }],
  ])('does not move when %s', async (_, given, more, choice) => {
    const simulator = await startGateway(given);
    await simulator.pay(String((await ask(simulator, sale(more))).redirect_url), choice);
    expect(simulator.issuerLog()[0]?.amount).toEqual({ minor: 10_000n, currency: 'AED' });
  });

  it('is discounted by shares alone', async () => {
    const simulator = await startGateway(options);
    for (const off of [{ discount_percent: 50 }, { discount_amount: 5 }]) {
      const card_discounts = [{ discount_cards: '4111', ...off }];
      const reply = await ask(simulator, sale({ ...request, card_discounts }));
      await simulator.pay(String(reply.redirect_url), { alternative: true });
    }
    expect(moves(simulator)).toEqual(['charge 1362', 'charge 2723']);
  });

  it('must be one', async () => {
    const simulator = await startGateway(options);
    await expect(ask(simulator, sale({ alt_currency: 'XXX' }))).rejects.toThrow('206');
  });
});

describe('what notices and queries echo', () => {
  it('is what the request had, and what the bank asked', async () => {
    const shop = await startShop();
    const simulator = await startGateway();
    const shipping_details = { name: 'Lina', city: 'Dubai' };
    const request = sale({
      callback: shop.callbackUrl,
      customer_ref: 'cust-1',
      user_defined: { udf1: 'a', udf9: 'b' },
      shipping_details,
    });
    const reply = await ask(simulator, request);
    await simulator.pay(String(reply.redirect_url), { card: 'visa3ds' });
    await simulator.idle();
    expect(JSON.parse(String(shop.callbacks[0]?.body)) as Json).toMatchObject({
      customer_ref: 'cust-1',
      user_defined: { udf1: 'a', udf9: 'b' },
      shipping_details,
      threeDSDetails: { enrolled: 'Y', paResStatus: 'Y', threeDSVersion: 'Test/Simulation' },
    });
    const rejected = await ask(simulator, sale({ callback: shop.callbackUrl }));
    await simulator.pay(String(rejected.redirect_url), { card: 'visa3ds', action: 'reject' });
    await simulator.idle();
    expect(JSON.parse(String(shop.callbacks[1]?.body)) as Json).toMatchObject({
      threeDSDetails: { enrolled: 'Y', paResStatus: 'N' },
    });
    const seen = await query(simulator, refOf(reply));
    expect(seen).toMatchObject({ customer_ref: 'cust-1', shipping_details });
    expect(seen).not.toHaveProperty('user_defined');
  });
});

describe('the limits of a merchant', () => {
  it('bound a payment in their currency, an invoice too', async () => {
    const profile = { profileId: 98765, serverKey: 'S', clientKey: 'C', merchantId: 1 };
    const simulator = await startGateway({ profiles: [{ ...profile, limits: { AED: 10_000n } }] });
    const code = async (path: string, more: Json) =>
      (await call(simulator, path, { send: sale(more) })).reply.code;
    for (const path of ['request', 'invoice/new']) {
      expect(await code(path, { cart_amount: 100 })).toBeUndefined();
      expect(await code(path, { cart_amount: 100.01 })).toBe(325);
      expect(await code(path, { cart_amount: 100.01, cart_currency: 'SAR' })).toBeUndefined();
    }
  });
});
