import { inspect } from 'node:util';
import { signPayTabsCallback, signPayTabsReturn } from '@nestcms/webhook-security/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type BindingSubject,
  createNotificationVerifier,
  createReturnVerifier,
  type NoticeClaim,
  type PayTabsReturn,
  readReturn,
} from '../src/index.js';
import { startShop } from './shop.js';
import { paidSale, startPair } from './with-simulator.js';

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

const fields = {
  acquirerMessage: '',
  acquirerRRN: '202609131042',
  cartId: 'order-1001',
  customerEmail: 'sara@example.com',
  respCode: 'G48213',
  respMessage: 'Authorised',
  respStatus: 'A',
  token: '2C4650BC67A3E53CC6B791FF618275B9',
  tranRef: 'TST2625600001234',
};

type Fields = Readonly<Record<string, string>>;

const signed = (more: Fields = {}): Record<string, string> => {
  const all = { ...fields, ...more };
  return { ...all, signature: signPayTabsReturn(all, key) };
};

const post = (form: Fields) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(new URLSearchParams(form).toString()),
});

const get = (form: Fields, address = '/return?') => ({
  method: 'GET',
  headers: { host: 'shop.example.com' },
  body: Buffer.alloc(0),
  url: `${address}${new URLSearchParams(form).toString()}`,
});

const verifier = createReturnVerifier({ keys: [key] });

describe('a return is read', () => {
  it('by its nine fields, with the empty ones left out', () => {
    const read = readReturn(fields);
    expect(read).toEqual({
      kind: 'reportedPaid',
      tranRef: 'TST2625600001234',
      cartId: 'order-1001',
      status: 'A',
      responseCode: 'G48213',
      responseMessage: 'Authorised',
      acquirerRrn: '202609131042',
    });
    expect(read.customerEmail).toBe('sara@example.com');
    expect(read.token).toBe('2C4650BC67A3E53CC6B791FF618275B9');
    expect(readReturn({ ...fields, more: 'x' }).raw).toMatchObject({ more: 'x' });
  });

  it('without showing the token and the address to logs', () => {
    const read = readReturn(fields);
    const shown = inspect(read, { depth: 9 }) + JSON.stringify(read) + JSON.stringify({ ...read });
    expect(shown).toContain('TST2625600001234');
    expect(shown).not.toMatch(/2C4650BC|sara@/);
    expect(Object.isFrozen(read)).toBe(true);
  });

  it.each([
    ['A', 'G1', 'reportedPaid'],
    ['H', 'G1', 'held'],
    ['P', '12625679397955', 'pending'],
    ['D', '305', 'declined'],
    ['C', '321', 'cancelled'],
    ['X', '355', 'expired'],
    ['V', '', 'voided'],
    ['E', '200', 'failed'],
    ['E', '401', 'unknown'],
    ['Z', '', 'unknown'],
    ['', '', 'unknown'],
  ])('with the letter "%s" and code "%s" as %s', (respStatus, respCode, kind) => {
    expect(readReturn({ ...fields, respStatus, respCode }).kind).toBe(kind);
  });

  it('without a letter, as aborted pages come back, as unknown', () => {
    const { respStatus: _, ...rest } = fields;
    expect(readReturn(rest)).toMatchObject({ kind: 'unknown', status: '' });
    expect(readReturn({ ...fields, respStatus: null })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    ['nothing', undefined, '(all)'],
    ['no reference', { ...fields, tranRef: '' }, 'tranRef'],
    ['a cart that is no text', { ...fields, cartId: ['a'] }, 'cartId'],
  ])('not when there is %s', (_, payload, field) => {
    expect(() => readReturn(payload)).toThrow(
      expect.objectContaining({
        code: 'UNEXPECTED_REPLY',
        message: expect.stringContaining(`"${field}"`),
      }),
    );
  });

  it('and can never pass for a payment', () => {
    expectTypeOf<'paid'>().not.toExtend<PayTabsReturn['kind']>();
    expectTypeOf<PayTabsReturn>().not.toExtend<NoticeClaim>();
    expectTypeOf<PayTabsReturn>().not.toExtend<BindingSubject>();
  });
});

describe('a return is verified', () => {
  it('by POST, and read', async () => {
    expect(await verifier.verify(post(signed()))).toMatchObject({
      verdict: 'accepted',
      payload: { kind: 'reportedPaid', tranRef: fields.tranRef },
    });
  });

  it('by GET, from the address', async () => {
    const verdict = await verifier.verify(get(signed({ respMessage: 'Zoë & ~x' })));
    expect(verdict).toMatchObject({
      verdict: 'accepted',
      payload: { kind: 'reportedPaid', responseMessage: 'Zoë & ~x' },
    });
    expect(verifier.verifySync(get(signed(), 'https://shop.example.com/return?'))).toMatchObject({
      verdict: 'accepted',
    });
    expect(
      verifier.verifySync({ ...get(signed()), url: `${get(signed()).url}#top` }),
    ).toMatchObject({ verdict: 'accepted' });
  });

  it('by GET beside own parameters, if they are named', async () => {
    const request = get(signed(), '/return?order=7&');
    expect(await verifier.verify(request)).toMatchObject({
      verdict: 'refused',
      reason: 'signature',
    });
    const verdict = await createReturnVerifier({ keys: [key], exclude: ['order'] }).verify(request);
    if (verdict.verdict !== 'accepted') throw new Error('It was not accepted.');
    expect(verdict.payload.raw).not.toHaveProperty('order');
  });

  it.each([
    ['a forged letter by POST', post({ ...signed(), respStatus: 'D' }), 'signature'],
    ['a forged letter by GET', get({ ...signed(), respStatus: 'D' }), 'signature'],
    ['a letter twice', get(signed(), '/return?respStatus=D&'), 'header-duplicate'],
    ['no signature', post(fields), 'header-missing'],
    ['nothing, as plain HTTP brings', get({}), 'header-missing'],
    ['an error without a signature', get({ ...fields, respStatus: 'E' }), 'unsigned-error'],
    ['a GET without its address', { ...get(signed()), url: undefined }, 'method'],
    ['another method', { ...get(signed()), method: 'HEAD' }, 'method'],
    ['no request at all', undefined as never, 'request-malformed'],
  ])('not with %s', async (_, request, reason) => {
    expect(await verifier.verify(request)).toMatchObject({ verdict: 'refused', reason });
  });

  it('not when it is signed and no return', async () => {
    const only = { respStatus: 'A' };
    const form = { ...only, signature: signPayTabsReturn(only, key) };
    expect(await verifier.verify(post(form))).toMatchObject({
      verdict: 'refused',
      stage: 'payload',
    });
  });

  it('with what else a verifier has: adapters find both methods and the limit', () => {
    expect(verifier.scheme).toMatchObject({ name: 'paytabs-return', methods: ['POST', 'GET'] });
    expect(verifier.maxBytes).toBe(65_536);
    expect(verifier.refuse('body-too-large')).toMatchObject({ verdict: 'refused' });
    expect(() => createReturnVerifier({ keys: [key], tilde: [] })).toThrow(/tilde/);
    const bare = createReturnVerifier({ keys: [key], tilde: ['bare'], zero: ['kept'] });
    const php = post(signed({ customerEmail: 'a~b@example.com' }));
    expect(bare.verifySync(php)).toMatchObject({ verdict: 'refused' });
    expect(verifier.verifySync(php)).toMatchObject({ verdict: 'accepted' });
  });

  it('as the simulator sends it', async () => {
    const { simulator, client } = await startPair();
    const shop = await startShop();
    const { tranRef } = await paidSale({ simulator, client }, { returnUrl: shop.returnUrl });
    const request = shop.returns.at(-1);
    if (request === undefined) throw new Error('nothing came back');
    const own = createReturnVerifier({ keys: [simulator.serverKey] });
    expect(await own.verify(request)).toMatchObject({
      verdict: 'accepted',
      payload: { kind: 'reportedPaid', tranRef },
    });
  });
});

it('an IPN is verified and read as a callback is', async () => {
  const body = Buffer.from(
    JSON.stringify({
      tran_ref: 'PTE2625600001402',
      previous_tran_ref: 'PTE2625600001401',
      merchant_id: 1234,
      profile_id: 98765,
      cart_id: 'order-2001',
      cart_currency: 'EGP',
      cart_amount: '150.00',
      tran_currency: 'EGP',
      tran_total: '150.00',
      tran_type: 'Sale',
      tran_class: 'ECom',
      payment_result: {
        response_status: 'A',
        response_code: '12625679397955',
        response_message: 'Authorised',
        transaction_time: new Date().toISOString(),
      },
      payment_info: { payment_method: 'Aman', card_scheme: '' },
      ipn_trace: 'IPNS0402.6AA55D4B.0000000F',
      paymentChannel: 'Transaction API',
    }),
  );
  const headers = {
    'content-type': 'application/json',
    'client-key': 'C1',
    signature: signPayTabsCallback(body, key),
  };
  const verdict = await createNotificationVerifier({ keys: [key] }).verify({
    method: 'POST',
    headers,
    body,
  });
  expect(verdict).toMatchObject({
    verdict: 'accepted',
    payload: { kind: 'reportedPaid', followUp: true, ipnTrace: 'IPNS0402.6AA55D4B.0000000F' },
  });
});
