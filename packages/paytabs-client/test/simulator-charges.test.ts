import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/testing/index.js';
import { startShop } from './shop.js';
import {
  ask,
  call,
  cardDetails,
  customer,
  direct,
  endOf,
  type Json,
  moves,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const refusal = async (simulator: Simulator, send: unknown) => {
  const { status, reply } = await call(simulator, 'request', { send });
  return [status, reply.code];
};

const card = (more: Json) => ({ card_details: { ...cardDetails, ...more } });

describe('own form', () => {
  it('answers at once with the shape that was captured, key for key', async () => {
    const simulator = await startGateway();
    const reply = await ask(simulator, direct());
    expect(Object.keys(reply)).toEqual([
      'tran_ref',
      'tran_type',
      'cart_id',
      'cart_description',
      'cart_currency',
      'cart_amount',
      'tran_currency',
      'tran_total',
      'customer_details',
      'payment_result',
      'payment_info',
      'serviceId',
      'paymentChannel',
      'profileId',
      'merchantId',
      'trace',
    ]);
    expect(reply).toMatchObject({
      tran_type: 'Sale',
      tran_total: '100.00',
      payment_result: { response_status: 'A', response_code: expect.stringMatching(/^G\d{5}$/) },
      payment_info: {
        payment_method: 'Visa',
        payment_description: '4111 11## #### 1111',
        expiryMonth: 12,
        expiryYear: 2030,
      },
      serviceId: 1,
      paymentChannel: 'Transaction API',
    });
  });

  it('sends the customer to the bank first when the card asks for it', async () => {
    const simulator = await startGateway();
    const reply = await ask(simulator, direct(card({ pan: '4000000000000002' })));
    expect(reply).toMatchObject({ tran_total: '0', serviceId: 1 });
    expect(moves(simulator)).toEqual([]);
    expect((await query(simulator, refOf(reply))).code).toBe(113);
    const html = await (await fetch(String(reply.redirect_url))).text();
    expect(html).toContain('id="challenge"');
    expect(html).not.toContain('id="card"');
    await simulator.pay(String(reply.redirect_url));
    expect(endOf(await query(simulator, refOf(reply)))).toBe('A');
    expect(moves(simulator)).toEqual(['charge 10000']);
  });

  it('asks nobody for a moto payment, which needs no security code', async () => {
    const simulator = await startGateway();
    const { cvv: _, ...withoutCvv } = cardDetails;
    const moto = { tran_class: 'moto', card_details: { ...withoutCvv, pan: '4000000000000002' } };
    expect(endOf(await ask(simulator, direct(moto)))).toBe('A');
  });

  it.each([
    ['a wrong security code', card({ cvv: '999' }), 'D/305'],
    ['an unknown card', card({ pan: '4242424242424242' }), 'D/300'],
    ['an expired card', card({ expiry_year: 2020 }), 'D/300'],
  ])('declines %s in the shape of a transaction', async (_, more, end) => {
    const simulator = await startGateway();
    expect(endOf(await ask(simulator, direct(more)))).toBe(end);
    expect(moves(simulator)).toEqual([]);
  });

  it.each([
    ['a number that fails its check digit', card({ pan: '4111111111111112' }), 200],
    ['a number with spaces', card({ pan: '4111 1111 1111 1111' }), 200],
    ['a number as a number', card({ pan: 4111111111111111 }), 2],
    ['no security code', card({ cvv: undefined }), 2],
    ['a security code with a letter', card({ cvv: '12x' }), 2],
    ['a month in a list', card({ expiry_month: [12] }), 2],
    ['month 13', card({ expiry_month: 13 }), 2],
    ['the year 39', card({ expiry_year: 39 }), 2],
    ['no customer', { customer_details: undefined }, 2],
    [
      'a wrong security code where none is needed',
      { tran_class: 'moto', ...card({ cvv: 'x' }) },
      2,
    ],
    ['a page of the class moto', { tran_class: 'moto', card_details: undefined }, 2],
    ['a page of the class recurring', { tran_class: 'recurring', card_details: undefined }, 2],
    ['payment methods', { payment_methods: ['card'] }, 2],
    ['two ways to pay', { payment_token: 'x' }, 2],
    ['the class recurring', { tran_class: 'recurring' }, 2],
    ['a token form that is none', { tokenise: 7 }, 2],
    ['a question about the card that nobody keeps', { show_save_card: true }, 2],
    ['a filter that is none', { card_filter: 'visa' }, 2],
    ['a discount of nothing', { card_discounts: [{ discount_cards: '4111' }] }, 2],
    [
      'a discount by eleven digits',
      { card_discounts: [{ discount_cards: '41111111111', discount_amount: 1 }] },
      2,
    ],
    [
      'two discounts in one',
      { card_discounts: [{ discount_cards: '4111', discount_amount: 1, discount_percent: 1 }] },
      2,
    ],
    [
      'a discount of everything',
      { card_discounts: [{ discount_cards: '4111', discount_percent: 100 }] },
      2,
    ],
    ['a range that is none', { donation_mode: true, cart_min: 2, cart_max: 1 }, 2],
    [
      'a discount for everybody',
      { card_discounts: [{ discount_cards: '4', discount_amount: 1 }] },
      2,
    ],
  ])('refuses %s, and nothing has happened', async (_, more, code) => {
    const simulator = await startGateway();
    expect(await refusal(simulator, direct(more))).toEqual([400, code]);
    expect(simulator.ledger()).toEqual([]);
    expect(simulator.issuerLog()).toEqual([]);
  });

  it('tells the callback too, with what only notices have', async () => {
    const shop = await startShop();
    const simulator = await startGateway();
    await ask(
      simulator,
      direct({ callback: shop.callbackUrl, plugin_info: { cart_name: 'Cart' } }),
    );
    await simulator.idle();
    const notice = JSON.parse(String(shop.callbacks[0]?.body)) as Json;
    expect(notice).toMatchObject({
      tran_class: 'ECom',
      profile_id: 98765,
      payment_result: { acquirer_ref: expect.stringMatching(/^TRAN/), cvv_result: ' ' },
      threeDSDetails: { enrolled: 'N', threeDSVersion: 'Test/Simulation' },
      paymentChannel: 'Cart',
    });
    for (const missing of ['serviceId', 'profileId', 'merchantId', 'trace', 'original_tran_type']) {
      expect(notice).not.toHaveProperty(missing);
    }
  });

  it('keeps no card data in the log of requests', async () => {
    const simulator = await startGateway();
    await ask(simulator, direct());
    const [logged] = simulator.requests();
    expect(logged?.body).toContain('card_details');
    expect(logged?.body).not.toMatch(/4111111111111111|"123"/);
    await refusal(simulator, direct(card({ pan: 4111111111111111 })));
    expect(simulator.requests()[1]?.body).not.toContain('4111111111111111');
  });

  it('verifies a card by a hold that is undone at once, and never as a payment', async () => {
    const simulator = await startGateway();
    const reply = await ask(
      simulator,
      direct({ tran_type: 'register', cart_amount: 1, tokenise: 2 }),
    );
    expect(reply).toMatchObject({ tran_type: 'Register', token: expect.any(String) });
    expect(moves(simulator)).toEqual(['hold 100', 'reversal 100']);
  });
});

describe('managed form', () => {
  const typed = { number: '4111111111111111', expmonth: '12', expyear: '2030', cvv: '123' };
  const tokenise = (simulator: Simulator, more: Json = {}, key = simulator.profile.clientKey) =>
    call(simulator, 'tokenise', { send: { key, card: { ...typed, ...more } } });
  const pay = (token: unknown) => sale({ payment_token: token, customer_details: customer });

  it('gives the browser a token that pays once', async () => {
    const simulator = await startGateway();
    const { status, reply } = await tokenise(simulator);
    expect([status, Object.keys(reply)]).toEqual([200, ['error', 'token', 'trace']]);
    expect(reply.token).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(endOf(await ask(simulator, pay(reply.token)))).toBe('A');
    expect(await refusal(simulator, pay(reply.token))).toEqual([400, 2]);
    expect(simulator.requests()[0]?.body).not.toContain('4111111111111111');
  });

  it('names the field that is wrong, as it was captured', async () => {
    const simulator = await startGateway();
    const { reply } = await tokenise(simulator, { number: '4111111111111112' });
    expect(reply).toEqual({
      error: true,
      errorCode: 200,
      errorField: 'number',
      errorStatus: 'E',
      errorText: 'Invalid card number',
      status: 400,
      trace: expect.stringMatching(/^PMNT/),
    });
    expect((await tokenise(simulator, {}, 'CNOBODY')).status).toBe(401);
    expect((await tokenise(simulator, { cvv: '' })).reply).toMatchObject({ errorField: 'cvv' });
  });

  it('needs a customer', async () => {
    const simulator = await startGateway();
    const { reply } = await tokenise(simulator);
    expect(await refusal(simulator, { ...pay(reply.token), customer_details: {} })).toEqual([
      400, 2,
    ]);
  });

  it('gives a token that dies', async () => {
    const simulator = await startGateway({ paymentTokenMs: 1000 });
    const { reply } = await tokenise(simulator);
    simulator.advance(1000);
    expect(await refusal(simulator, pay(reply.token))).toEqual([400, 2]);
  });

  it('is sent by the browser library that the gateway serves', async () => {
    const simulator = await startGateway();
    const script = await (await fetch(`${simulator.baseUrl}/payment/js/paylib.js`)).text();
    let submit: (event: unknown) => Promise<void> = async () => undefined;
    const form = {
      elements: {},
      querySelector: (selector: string) => {
        const name = /"(\w+)"/.exec(selector)?.[1] as keyof typeof typed;
        return { value: name === 'expyear' ? '30' : typed[name] };
      },
      addEventListener: (_: string, listener: typeof submit) => {
        submit = listener;
      },
    };
    const window: { paylib?: { inlineForm(options: object): void } } = {};
    runInContext(script, createContext({ window, fetch, document: {} }));
    let answer: Json = {};
    window.paylib?.inlineForm({
      key: simulator.profile.clientKey,
      form,
      autoSubmit: false,
      callback: (reply: Json) => {
        answer = reply;
      },
    });
    await submit({ preventDefault: () => undefined });
    expect(endOf(await ask(simulator, pay(answer.token)))).toBe('A');
  });
});

describe('wallets', () => {
  const apple = { paymentData: { data: 'x' }, paymentMethod: { network: 'MasterCard' } };

  it.each([
    ['Apple Pay, as an object', { apple_pay_token: apple }, 'ApplePay', 'MasterCard'],
    ['Apple Pay, as text', { apple_pay_token: JSON.stringify(apple) }, 'ApplePay', 'MasterCard'],
    ['Samsung Pay', { samsung_pay_token: { '3DS': {} } }, 'SamsungPay', 'Visa'],
  ])('%s', async (_, more, method, scheme) => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale(more));
    expect(reply.payment_info).toMatchObject({ payment_method: method, card_scheme: scheme });
    expect(endOf(reply)).toBe('A');
    expect(simulator.requests()[0]?.body).not.toContain('paymentData');
  });

  it('have asked their owner already', async () => {
    const simulator = await startGateway();
    simulator.bank.next({ kind: 'challenge' });
    expect(endOf(await ask(simulator, sale({ apple_pay_token: apple })))).toBe('A');
  });

  it('refuse what is no token', async () => {
    const simulator = await startGateway();
    expect(await refusal(simulator, sale({ apple_pay_token: 'x' }))).toEqual([400, 2]);
    expect(await refusal(simulator, sale({ apple_pay_token: { version: 1 } }))).toEqual([400, 2]);
  });
});
