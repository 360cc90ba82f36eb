import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import {
  type ChargeCardRequest,
  type ChargeManagedFormRequest,
  type ChargeOutcome,
  type ChargeTokenRequest,
  type ChargeWalletRequest,
  type PayTabsClient,
  parseMajor,
} from '../src/index.js';
import { exposed } from './exposed.js';
import { bodyOf, doneReply, of, pageReply, reply, talk } from './with-dispatcher.js';
import { intentOf, rejection, stateOf } from './with-simulator.js';

const ends = {
  callbackUrl: 'https://shop.example.com/paytabs/callback',
  returnUrl: 'https://shop.example.com/paytabs/return',
};
const number = '4111111111111111';
const token = '2C4650BC67A3E53CC6B791FF618275B9';

const own: ChargeCardRequest = {
  cartId: 'order-1002',
  amount: parseMajor('80.00', 'SAR'),
  description: 'Own form order',
  customer: {
    name: 'Omar Saleh',
    email: 'omar@example.com',
    phone: '+966500000000',
    street: 'King Rd 4',
    city: 'Riyadh',
    state: '01',
    country: 'SA',
    zip: '12211',
    ip: '203.0.113.20',
  },
  card: { number, cvv: '123', expiryMonth: 12, expiryYear: 2030 },
  ...ends,
};

const managed: ChargeManagedFormRequest = {
  cartId: 'order-1003',
  amount: parseMajor('35.25', 'AED'),
  description: 'Managed form order',
  customer: {
    name: 'Lina Aziz',
    email: 'lina@example.com',
    phone: '+971501111111',
    street: 'Marina 9',
    city: 'Dubai',
    state: 'DU',
    country: 'AE',
    ip: '203.0.113.30',
  },
  paymentToken: 'gbcn45bt7xNdDMVwq1Kk',
  ...ends,
};

const recurring: ChargeTokenRequest = {
  cartId: 'sub-55-2026-09',
  amount: parseMajor('42', 'AED'),
  description: 'September',
  card: { token, tranRef: 'TST2625600001234' },
  callbackUrl: ends.callbackUrl,
};

const applePay = {
  paymentMethod: { displayName: 'Visa 1234', network: 'Visa', type: 'debit' },
  transactionIdentifier: 'f2f7c1c6d6c24f8a9f0bb7d1a3e0c511',
  paymentData: {
    data: 'rS3+DwcYsQ/Ww8mTPpu9XQ==',
    signature: 'MIAGCSqGSIb3DQEHAqCAMIACAQEx',
    header: { publicKeyHash: 'l8SC6Q3aRmHc5vQ=', ephemeralPublicKey: 'MFkwEwYHKoZIzj0CAQYI' },
    version: 'EC_v1',
  },
};
const wallet: ChargeWalletRequest = {
  cartId: 'order-1004',
  amount: parseMajor('5', 'AED'),
  description: 'Wallet',
  wallet: { applePay },
};

/** Each charge: its request, what is called, and the bytes of the reference. */
const charges: readonly [
  name: string,
  request: { cartId: string; amount: typeof own.amount },
  charge: (client: PayTabsClient, more?: object) => Promise<ChargeOutcome>,
  bytes: string,
  secrets: string[],
][] = [
  [
    'chargeCard',
    own,
    (client, more) => client.chargeCard({ ...own, ...more }),
    '{"profile_id":98765,"tran_type":"sale","tran_class":"ecom","cart_id":"order-1002","cart_currency":"SAR","cart_amount":80.00,"cart_description":"Own form order","customer_details":{"name":"Omar Saleh","email":"omar@example.com","phone":"+966500000000","street1":"King Rd 4","city":"Riyadh","state":"01","country":"SA","zip":"12211","ip":"203.0.113.20"},"card_details":{"pan":"4111111111111111","cvv":"123","expiry_month":12,"expiry_year":2030},"callback":"https://shop.example.com/paytabs/callback","return":"https://shop.example.com/paytabs/return"}',
    [number, '"123', '=123'],
  ],
  [
    'chargeManagedForm',
    managed,
    (client, more) => client.chargeManagedForm({ ...managed, ...more }),
    '{"profile_id":98765,"tran_type":"sale","tran_class":"ecom","cart_id":"order-1003","cart_currency":"AED","cart_amount":35.25,"cart_description":"Managed form order","payment_token":"gbcn45bt7xNdDMVwq1Kk","customer_details":{"name":"Lina Aziz","email":"lina@example.com","phone":"+971501111111","street1":"Marina 9","city":"Dubai","state":"DU","country":"AE","ip":"203.0.113.30"},"callback":"https://shop.example.com/paytabs/callback","return":"https://shop.example.com/paytabs/return"}',
    ['gbcn45bt7xNdDMVwq1Kk'],
  ],
  [
    'chargeToken',
    recurring,
    (client, more) => client.chargeToken({ ...recurring, ...more }),
    '{"profile_id":98765,"tran_type":"sale","tran_class":"recurring","cart_id":"sub-55-2026-09","cart_currency":"AED","cart_amount":42.00,"cart_description":"September","token":"2C4650BC67A3E53CC6B791FF618275B9","tran_ref":"TST2625600001234","callback":"https://shop.example.com/paytabs/callback"}',
    [token],
  ],
  [
    'chargeWallet',
    wallet,
    (client, more) => client.chargeWallet({ ...wallet, ...more }),
    `{"profile_id":98765,"tran_type":"sale","tran_class":"ecom","cart_id":"order-1004","cart_currency":"AED","cart_amount":5.00,"cart_description":"Wallet","apple_pay_token":${JSON.stringify(applePay)}}`,
    ['rS3+DwcYsQ/Ww8mTPpu9XQ==', 'MIAGCSqGSIb3DQEHAqCAMIACAQEx', 'MFkwEwYHKoZIzj0CAQYI'],
  ],
];

const about = ({ cartId, amount }: { cartId: string; amount: typeof own.amount }) => {
  const text = `${amount.minor / 100n}.${String(amount.minor % 100n).padStart(2, '0')}`;
  return {
    cart_id: cartId,
    cart_currency: amount.currency,
    tran_currency: amount.currency,
    cart_amount: text,
    tran_total: text,
  };
};

const ownForm = 'iAmPciDssSaqD' as const;

describe.each(charges)('%s', (operation, request, charge, bytes, secrets) => {
  const { cartId } = request;

  it('sends the bytes of the reference and answers with the transaction', async () => {
    const talked = talk(doneReply(about(request)), { ownForm });
    const { transaction } = of('completed', await charge(talked.client));
    expect(bodyOf(talked)).toBe(bytes);
    expect(transaction).toMatchObject({ status: 'A', total: request.amount });
    expect(await intentOf(talked.intents, cartId)).toMatchObject({
      operation,
      type: 'sale',
      pageLifeMs: 1_200_000,
      state: { name: 'done' },
    });
  });

  it('takes the transaction of the token for the parent of no follow-up', async () => {
    const body = doneReply({ ...about(request), previous_tran_ref: 'TST2625600001234' });
    const talked = talk(body, { ownForm });
    of('completed', await charge(talked.client));
    expect(await intentOf(talked.intents, cartId)).not.toHaveProperty('targetTranRef');
  });

  it('answers with a page when the shopper has to confirm', async () => {
    const clock = new ManualClock();
    const talked = talk(pageReply(about(request)), { ownForm, clock });
    of('page', await charge(talked.client));
    const expiresAt = new Date(clock.wallTime() + 1_200_000);
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'pageOpen', expiresAt });
  });

  it('is unknown when nothing came back', async () => {
    const error = new Error('cut');
    const talked = talk([{ error, when: 'afterSending' }], { ownForm });
    expect(of('unknown', await charge(talked.client)).reason).toBe('noAnswer');
    expect(talked.requests).toHaveLength(1);
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'unknown' });
  });

  it('is unknown when the answer is about another amount', async () => {
    const talked = talk(doneReply({ ...about(request), cart_amount: '1.00' }), { ownForm });
    expect(await charge(talked.client)).toMatchObject({ kind: 'unknown', cartId });
  });

  it.each([
    ['the shop said', (client: PayTabsClient) => charge(client, { type: 'auth' })],
    ['it is held', (client: PayTabsClient) => charge(client)],
  ])('may be held: %s', async (_, work) => {
    const talked = talk(doneReply({ ...about(request), tran_type: 'Auth' }), { ownForm });
    expect(await work(talked.client)).toMatchObject({ transaction: { type: 'auth' } });
  });

  it('has no secret in its reference, which everybody sees', async () => {
    const talked = talk(doneReply(about(request)), { ownForm });
    const secret = secrets[0] as string;
    const error = await rejection(charge(talked.client, { cartId: `order-${secret}` }));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(exposed(error)).not.toContain(secret);
    expect(talked.requests).toEqual([]);
    expect(talked.events).toEqual([]);
  });

  it.each([200, 400, 500])('shows no secret that comes back, HTTP %i', async (status) => {
    const echoes = [
      (text: string) => ({ code: 2, message: `no: ${text}`, trace: text, tran_ref: text }),
      (text: string) => `<html>${text}</html>`,
      (text: string) => doneReply({ ...about(request), tran_type: text, echo: text }),
      (text: string) => ({ ...doneReply(about(request)), cart_description: text, token: text }),
    ];
    for (const echo of echoes) {
      const talked = talk([reply(echo(bytes), status)], { ownForm });
      const outcome = await charge(talked.client).catch((error: unknown) => error);
      const intent = await intentOf(talked.intents, cartId);
      const told = [outcome, (outcome as { error?: unknown }).error, intent, talked.events];
      for (const secret of secrets) {
        expect(told.map(exposed).join()).not.toContain(secret);
      }
      expect(exposed(intent)).not.toContain('cvv');
    }
  });
});

describe('chargeCard', () => {
  it('is refused, and remembers nothing, where nobody has said what it means', async () => {
    const { client, intents, requests } = talk(doneReply());
    const error = await rejection(client.chargeCard(own));
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('PCI DSS'),
    });
    expect(exposed(error)).not.toContain(number);
    expect(await intentOf(intents, own.cartId)).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('takes no other word for it', () => {
    expect(() => talk({}, { ownForm: 'yes' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it('needs no security code by mail or telephone', async () => {
    const talked = talk(doneReply(about(own)), { ownForm });
    const { cvv: _, ...card } = own.card;
    await talked.client.chargeCard({ ...own, class: 'moto', card });
    expect(bodyOf(talked)).toContain('"tran_class":"moto"');
    expect(bodyOf(talked)).toContain(
      '"card_details":{"pan":"4111111111111111","expiry_month":12,"expiry_year":2030}',
    );
  });

  it.each<[string, object, string]>([
    ['without a security code', { cvv: undefined }, 'card.cvv:'],
    ['with a long security code', { cvv: '12345' }, 'card.cvv:'],
    ['with a mistyped number', { number: '4111111111111112' }, 'card.number:'],
    ['with spaces in the number', { number: '4111 1111 1111 1111' }, 'card.number:'],
    ['with a number as a number', { number: 4111111111111111 }, 'card.number:'],
    ['with a short number', { number: '411111111111' }, 'card.number:'],
    ['with a thirteenth month', { expiryMonth: 13 }, 'card.expiryMonth:'],
    ['with a year of two digits', { expiryYear: 30 }, 'card.expiryYear:'],
    ['with the number as a name', { [number]: 1 }, 'card:'],
  ])('is refused %s, and the error shows none of it', async (_, wrong, path) => {
    const { client, intents, requests } = talk(doneReply(), { ownForm });
    const error = await rejection(
      client.chargeCard({ ...own, card: { ...own.card, ...wrong } } as never),
    );
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(path),
    });
    expect(exposed(error)).not.toMatch(/4111|12345/);
    expect(await intentOf(intents, own.cartId)).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('hides the security code in a message of the gateway, and leaves a code that is the same by chance', async () => {
    const card = { ...own.card, cvv: '305' };
    const refused = talk(
      { code: 2, message: 'Code 305 is wrong', trace: 'PMNT0101.6A000001.00000A01' },
      { ownForm },
    );
    const error = await rejection(refused.client.chargeCard({ ...own, card }));
    expect(error).toMatchObject({ message: expect.stringContaining('Code [secret] is wrong') });
    const result = { response_status: 'D', response_code: '305', response_message: 'CVV mismatch' };
    const declined = talk(doneReply({ ...about(own), payment_result: result }), { ownForm });
    const { transaction } = of('completed', await declined.client.chargeCard({ ...own, card }));
    expect(transaction.responseCode).toBe('305');
  });

  it('asks for a token when it is to be saved', async () => {
    const talked = talk(doneReply(about(own)), { ownForm });
    await talked.client.chargeCard({ ...own, saveCard: { form: 'digits16' } });
    expect(bodyOf(talked)).toContain('"tokenise":5,');
  });

  it('takes no choice of payment methods', async () => {
    const { client } = talk(doneReply(about(own)), { ownForm });
    const work = client.chargeCard({ ...own, paymentMethods: ['card'] } as never);
    await expect(work).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('chargeToken', () => {
  it('says what the token was saved for, as newer clients do', async () => {
    const talked = talk(doneReply(about(recurring)));
    const card = { token, use: 'recurring_fixed', counter: 2 } as const;
    await talked.client.chargeToken({ ...recurring, card });
    expect(bodyOf(talked)).toContain(
      '"token_info":{"token":"2C4650BC67A3E53CC6B791FF618275B9","token_type":"recurring_fixed","counter":2}',
    );
    expect(bodyOf(talked)).not.toContain('tran_ref');
  });

  it.each<[string, object]>([
    ['with neither parent nor use', { card: { token } }],
    ['with both', { card: { token, tranRef: 'TST1', use: 'registered' } }],
    ['that registers', { type: 'register' }],
    ['with a place to ship to', { shipping: {} }],
    ['with a token of several lines', { card: { token: 'a\nb', tranRef: 'TST1' } }],
  ])('is refused %s', async (_, more) => {
    const { client } = talk(doneReply(about(recurring)));
    const error = await rejection(client.chargeToken({ ...recurring, ...more } as never));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('chargeWallet', () => {
  it.each<[string, ChargeWalletRequest['wallet'], string]>([
    ['a text of Apple', { applePay: 'abc' }, '"apple_pay_token":"abc"'],
    [
      'an object of Samsung',
      { samsungPay: { method: '3DS' } },
      '"samsung_pay_token":{"method":"3DS"}',
    ],
    ['a text of Samsung', { samsungPay: 'abc' }, '"samsung_pay_token":"abc"'],
  ])('sends %s', async (_, from, written) => {
    const talked = talk(doneReply(about(wallet)));
    await talked.client.chargeWallet({ ...wallet, wallet: from });
    expect(bodyOf(talked)).toContain(written);
  });

  it('hides the texts of an object that was written as a text', async () => {
    const { data } = applePay.paymentData;
    const talked = talk([reply({ code: 2, message: `bad ${data}`, trace: 'T' })]);
    const text = JSON.stringify(applePay);
    const error = await rejection(
      talked.client.chargeWallet({ ...wallet, wallet: { applePay: text } }),
    );
    expect(error).toMatchObject({ message: expect.stringContaining('bad [secret]') });
  });

  const circular: Record<string, unknown> = { paymentData: {} };
  circular.paymentData = circular;

  it.each<[string, object]>([
    ['both wallets', { applePay: 'a', samsungPay: 'b' }],
    ['no wallet', {}],
    ['an object without its data', { applePay: { paymentMethod: {} } }],
    ['a list', { samsungPay: ['a'] }],
    ['what no JSON can carry', { applePay: { paymentData: {}, amount: 1n } }],
    ['what never ends', { applePay: circular }],
  ])('is refused with %s', async (_, from) => {
    const { client } = talk(doneReply(about(wallet)));
    const error = await rejection(client.chargeWallet({ ...wallet, wallet: from } as never));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
