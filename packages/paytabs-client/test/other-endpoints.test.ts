import { systemClock } from '@nestcms/circuit-breaker';
import { describe, expect, it } from 'vitest';
import { type Done, money, type PayTabsClient, parseMajor } from '../src/index.js';
import { exposed } from './exposed.js';
import { reply, serverKey, talk } from './with-dispatcher.js';
import { rejection } from './with-simulator.js';

const token = '2C4650BC67A3E53CC6B791FF618275B9';
const amount = parseMajor('40', 'AED');
const trace = 'PMNT0102.6A000300.00000E01';
const marked = {
  profile_id: 98765,
  invoice_id: 5829212,
  invoice_currency: 'AED',
  invoice_total: 40,
  pay_method: 'banktransfer',
  pay_description: 'Paid by transfer 5512',
  tran_ref: 'TST2625600001261',
};
const markPaid = {
  invoiceId: 5829212,
  amount,
  method: 'banktransfer',
  description: 'Paid by transfer 5512',
} as const;

interface Endpoint {
  readonly name: string;
  readonly call: (client: PayTabsClient, signal?: AbortSignal) => Promise<unknown>;
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly reply: unknown;
  readonly result: object;
}

const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

const reads: readonly Endpoint[] = [
  {
    name: 'tokens.get',
    call: (client, signal) => client.tokens.get({ token }, withSignal(signal)),
    path: '/payment/token',
    body: `{"profile_id":98765,"token":"${token}"}`,
    reply: {
      tran_ref: 'TST2625600001234',
      payment_info: {
        card_type: 'Credit',
        card_scheme: 'Visa',
        payment_description: '4111 11## #### 1111',
      },
      customer_details: { name: 'Sara Haddad', email: 'sara@example.com', country: 'AE' },
    },
    result: {
      tranRef: 'TST2625600001234',
      paymentInfo: { cardType: 'Credit', cardScheme: 'Visa', description: '4111 11## #### 1111' },
    },
  },
  {
    name: 'invoices.status',
    call: (client, signal) => client.invoices.status({ invoiceId: 5829212 }, withSignal(signal)),
    path: '/payment/invoice/status',
    body: '{"profile_id":98765,"invoice_id":5829212}',
    reply: { invoice_status: 'pending' },
    result: { kind: 'pending', state: 'pending' },
  },
  {
    name: 'invoices.search',
    call: (client, signal) =>
      client.invoices.search(
        {
          createdFrom: '2026-09-01',
          createdTo: '2026-09-30T23:59:59+04:00',
          cartId: 'inv-1',
          customerRef: 'cust-12',
        },
        withSignal(signal),
      ),
    path: '/payment/invoice/search',
    body: '{"profile_id":98765,"created_date_from":"2026-09-01","created_date_to":"2026-09-30T23:59:59+04:00","cart_id":"inv-1","customer_ref":"cust-12"}',
    reply: [
      { invoice_id: 5829212, cart_id: 'inv-1', invoice_status: 'paid', more: 1 },
      { id: 'x' },
    ],
    result: [
      { invoiceId: 5829212, cartId: 'inv-1', state: 'paid', raw: { more: 1 } },
      { raw: { id: 'x' } },
    ],
  },
  {
    name: 'links.view',
    call: (client, signal) => client.links.view({ linkId: 'AB12-x' }, withSignal(signal)),
    method: 'GET',
    path: '/payment/link/view/98765/AB12-x',
    reply: { link_url: 'https://secure.paytabs.com/l/1', paylink_id: 7, trace },
    result: { url: 'https://secure.paytabs.com/l/1', linkId: '7', trace },
  },
  {
    name: 'sadad.inquire',
    call: (client, signal) =>
      client.sadad.inquire({ tranRef: 'TST2625600001270' }, withSignal(signal)),
    path: '/payment/apm/sadad/ifs/inquiry',
    body: '{"profile_id":98765,"tran_ref":"TST2625600001270"}',
    reply: { tran_ref: 'TST2625600001270', payment_result: { response_status: 'P' } },
    result: { tranRef: 'TST2625600001270', status: 'P' },
  },
  {
    name: 'valu.inquire',
    call: (client, signal) =>
      client.valu.inquire(
        { amount: parseMajor('900', 'EGP'), phone: '01000000000' },
        withSignal(signal),
      ),
    path: '/payment/info/valu/inquiry',
    body: '{"profile_id":98765,"cart_amount":900.00,"cart_currency":"EGP","customer_details":{"phone":"01000000000"}}',
    reply: { valuResponse: { responseCode: 0, productList: [] } },
    result: { responseCode: 0, isOffered: true },
  },
];

const writes: readonly Endpoint[] = [
  {
    name: 'tokens.delete',
    call: (client, signal) => client.tokens.delete({ token }, withSignal(signal)),
    path: '/payment/token/delete',
    body: `{"profile_id":98765,"token":"${token}"}`,
    reply: { code: 0, message: 'Token deleted', trace },
    result: { kind: 'done', message: 'Token deleted', trace },
  },
  {
    name: 'invoices.cancel',
    call: (client, signal) => client.invoices.cancel({ invoiceId: 5829212 }, withSignal(signal)),
    path: '/payment/invoice/cancel',
    body: '{"profile_id":98765,"invoice_id":5829212}',
    reply: { message: 'Invoice cancelled', trace },
    result: { kind: 'done', message: 'Invoice cancelled', trace },
  },
  {
    name: 'invoices.sendSms',
    call: (client, signal) =>
      client.invoices.sendSms({ invoiceId: 5829212, phone: '+971500000000' }, withSignal(signal)),
    path: '/payment/invoice/5829212/sms',
    body: '{"profile_id":98765,"customer_details":{"phone":"+971500000000"}}',
    reply: { message: 'SMS sent', trace },
    result: { kind: 'done', message: 'SMS sent', trace },
  },
  {
    name: 'invoices.markPaid',
    call: (client, signal) => client.invoices.markPaid(markPaid, withSignal(signal)),
    path: '/payment/invoice/paid',
    body: '{"profile_id":98765,"invoice_id":5829212,"invoice_currency":"AED","invoice_total":40.00,"pay_method":"banktransfer","pay_description":"Paid by transfer 5512"}',
    reply: marked,
    result: { kind: 'done', tranRef: 'TST2625600001261' },
  },
  {
    name: 'links.create',
    call: (client, signal) =>
      client.links.create(
        {
          title: 'Tip jar',
          amount,
          donation: { min: money(100n, 'AED'), max: money(9000n, 'AED') },
          cardFilter: { prefixes: ['4111'] },
          fields: { link_note: 'x' },
        },
        withSignal(signal),
      ),
    path: '/payment/link/create',
    body: '{"profile_id":98765,"link_note":"x","link_title":"Tip jar","cart_currency":"AED","cart_amount":40.00,"donation_mode":true,"cart_min":1.00,"cart_max":90.00,"card_filter":"4111"}',
    reply: { link_url: 'https://secure.paytabs.com/l/1', somewhat: 'new' },
    result: { kind: 'done', url: 'https://secure.paytabs.com/l/1', raw: { somewhat: 'new' } },
  },
  {
    name: 'links.update',
    call: (client, signal) =>
      client.links.update({ linkId: 7, title: 'Tip jar', amount }, withSignal(signal)),
    path: '/payment/link/update',
    body: '{"profile_id":98765,"paylink_id":"7","link_title":"Tip jar","cart_currency":"AED","cart_amount":40.00}',
    reply: { anything: true },
    result: { kind: 'done', raw: { anything: true } },
  },
  {
    name: 'agreements.cancel',
    call: (client, signal) => client.agreements.cancel({ agreementId: 4711 }, withSignal(signal)),
    path: '/payment/agreement/cancel',
    body: '{"profile_id":98765,"agreement_id":4711}',
    reply: { message: 'Agreement has been cancelled', status: 'success', trace },
    result: { kind: 'done', message: 'Agreement has been cancelled', trace },
  },
];

const cut = { error: new Error('cut'), when: 'afterSending' } as const;
const page = reply('<html>Bad gateway</html>', 502);

describe.each([...reads, ...writes])('$name', (endpoint) => {
  const { call, path, body, result } = endpoint;

  it('sends these bytes there, and reads the answer', async () => {
    const talked = talk([reply(endpoint.reply)]);
    expect(await call(talked.client)).toMatchObject(result);
    expect(talked.sent()).toEqual([{ method: endpoint.method ?? 'POST', path, body }]);
    expect(talked.requests[0]?.headers).toMatchObject({ authorization: serverKey });
  });

  it('keeps the answer as it came', async () => {
    const { client } = talk([reply(endpoint.reply)]);
    const told = await call(client);
    const raw = Array.isArray(told)
      ? told.map((each) => each.raw)
      : (told as Done<{ raw: object }>).raw;
    expect(JSON.stringify(raw)).toBe(
      JSON.stringify(endpoint.reply).replace('"invoice_total":40', '"invoice_total":"40"'),
    );
  });

  it.each([
    [1, 401, 'AUTHENTICATION_FAILED'],
    [2, 400, 'INVALID_REQUEST'],
    [2, 200, 'INVALID_REQUEST'],
    [113, 400, 'NOT_FOUND'],
  ])('rejects when the gateway refuses with code %i and HTTP %i', async (code, status, named) => {
    const talked = talk([reply({ code, message: 'Invoice not found', trace }, status)]);
    const error = await rejection(call(talked.client));
    expect(error).toMatchObject({ code: named, gatewayCode: code, trace });
    expect(talked.requests).toHaveLength(1);
  });

  it('is refused once the client is closed', async () => {
    const talked = talk([reply(endpoint.reply)]);
    await talked.client.close();
    expect(await rejection(call(talked.client))).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(talked.requests).toEqual([]);
  });

  it('sends nothing for a caller who has gone', async () => {
    const talked = talk([reply(endpoint.reply)]);
    const error = await rejection(call(talked.client, AbortSignal.abort()));
    expect(error).toMatchObject({ code: 'ABORTED' });
    expect(talked.requests).toEqual([]);
  });

  it('shows neither key nor token in errors and events', async () => {
    const echo = `${serverKey} ${token}`;
    for (const status of [200, 400, 500]) {
      for (const said of [{ code: 2, message: echo, trace: echo }, `<html>${echo}</html>`]) {
        const talked = talk([reply(said, status)], { maxAttempts: 1 });
        const told = await call(talked.client).catch((error: unknown) => error);
        const shown = [told, (told as { error?: unknown }).error, talked.events]
          .map(exposed)
          .join();
        expect(shown).not.toContain(token);
        expect(shown).not.toContain(serverKey);
      }
    }
  });
});

describe.each(reads)('$name, as a read', ({ call, reply: answer, result }) => {
  it.each([
    ['a cut', cut],
    ['a page of something on the way', page],
    ['half an answer', reply(JSON.stringify(answer).slice(0, -2))],
    ['an answer of another form', reply([[1]])],
  ])('is asked again after %s', async (_, first) => {
    const talked = talk([first, reply(answer)]);
    expect(await call(talked.client)).toMatchObject(result);
    expect(talked.requests).toHaveLength(2);
  });

  it('is not understood when every answer is of another form', async () => {
    const talked = talk([reply('"no"')]);
    expect(await rejection(call(talked.client))).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    expect(talked.requests).toHaveLength(3);
  });
});

describe.each(writes)('$name, as a write', ({ call }) => {
  it.each([
    ['a cut', cut, 'noAnswer'],
    ['a page of something on the way', page, 'unclearAnswer'],
    ['no JSON', reply('OK'), 'unclearAnswer'],
    ['a list', reply([]), 'unclearAnswer'],
    ['null', reply(null), 'unclearAnswer'],
    ['an error that has no code', reply({ message: 'Internal error' }, 500), 'unclearAnswer'],
    ['a refusal without a code', reply({ message: 'No such thing' }, 404), 'unclearAnswer'],
    ['a code that proves nothing', reply({ code: 400, message: 'x', trace }), 'unclearAnswer'],
    ['a hint that it came before', reply({ code: 4, message: 'x', trace }, 409), 'duplicate'],
  ])('is sent once and unknown after %s', async (_, first, reason) => {
    const talked = talk([first]);
    const told = await call(talked.client);
    expect(told).toMatchObject({ kind: 'unknown', reason });
    expect(talked.requests).toHaveLength(1);
  });

  it('is sent again when no byte of the first has left', async () => {
    const talked = talk([{ error: new Error('refused'), when: 'beforeSending' }]);
    expect(await rejection(call(talked.client))).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(talked.requests).toHaveLength(3);
  });
});

describe('a token', () => {
  it.each(['get', 'delete'] as const)('of whatever form is shown by no error: %s', async (name) => {
    const odd = 'tok.12-34.ab-cd.99';
    const { client, events } = talk([reply({ code: 2, message: `unknown ${odd}`, trace: 'T' })]);
    const error = await rejection(client.tokens[name]({ token: odd }));
    expect(exposed(error)).toContain('unknown [secret]');
    expect([error, events].map(exposed).join()).not.toContain(odd);
  });
});

describe('a process that was frozen', () => {
  it('sends nothing when it wakes up after the time of the call', async () => {
    let frozenMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + frozenMs };
    const talked = talk(
      () => {
        frozenMs = 60_000;
        return reply({ code: 0 });
      },
      { clock, maxAttempts: 1 },
    );
    const error = await rejection(talked.client.tokens.delete({ token }));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(talked.events.find(({ name }) => name === 'failed')).toMatchObject({ sent: false });
  });
});

describe('an acknowledgement', () => {
  it.each([
    ['a message of HTTP 200', { message: 'ok' }, 200, 'done'],
    ['code 0, whatever HTTP says', { code: 0 }, 500, 'done'],
    ['code 0 as text', { code: '0', message: 'ok' }, 200, 'done'],
    ['nothing', {}, 200, 'unknown'],
    ['another status', { code: 0, status: 'failed' }, 200, 'unknown'],
    ['a code that is no number', { code: true, message: 'ok' }, 200, 'unknown'],
  ])('is read from %s', async (_, body, status, kind) => {
    const { client } = talk([reply(body, status)]);
    expect(await client.tokens.delete({ token })).toMatchObject({ kind });
  });

  it('takes the trace by the name that invoices have for it', async () => {
    const { client } = talk([reply({ message: 'ok', trace_code: trace })]);
    expect(await client.invoices.cancel({ invoiceId: 1 })).toMatchObject({ trace });
  });
});

describe('the state of an invoice', () => {
  it.each([
    ['paid', 'A', 'paid'],
    ['Paid', 'A', 'paid'],
    // After a void the gateway still says paid.
    ['paid', 'V', 'voided'],
    ['paid', 'H', 'unknown'],
    ['paid', undefined, 'unknown'],
    ['refunded', 'A', 'refunded'],
    ['expired', undefined, 'expired'],
    ['of tomorrow', 'A', 'unknown'],
  ])('%s with the letter %s is %s', async (state, letter, kind) => {
    const body = { invoice_status: state, tran_ref: 'TST1', tran_status: letter };
    const { client } = talk([reply(body)]);
    expect(await client.invoices.status({ invoiceId: 1 })).toMatchObject({ kind, state });
  });

  it('is asked by path where the gateway wants it so', async () => {
    const talked = talk([reply({ invoice_status: 'pending' })], { invoiceRoutes: 'path' });
    await talked.client.invoices.status({ invoiceId: 5829212 });
    expect(talked.sent()).toEqual([
      { method: 'GET', path: '/payment/invoice/5829212/status', body: undefined },
    ]);
  });
});

describe('an invoice', () => {
  it('is cancelled by path where the gateway wants it so', async () => {
    const talked = talk([reply({ message: 'ok' })], { invoiceRoutes: 'path' });
    await talked.client.invoices.cancel({ invoiceId: 5829212 });
    expect(talked.sent()).toEqual([
      {
        method: 'PUT',
        path: '/payment/invoice/5829212/cancel',
        body: '{"profile_id":98765,"invoice_id":5829212}',
      },
    ]);
  });

  it.each([
    ['another invoice', { ...marked, invoice_id: 1 }],
    ['another amount', { ...marked, invoice_total: '40.01' }],
    ['another currency', { ...marked, invoice_currency: 'SAR' }],
  ])('is not taken for marked as paid when the answer is about %s', async (_, body) => {
    const { client } = talk([reply(body)]);
    expect(await client.invoices.markPaid(markPaid)).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    ['a number without a value', () => ({ invoiceId: 0 })],
    ['a path', () => ({ invoiceId: '../token' })],
  ])('is not asked for by %s', async (_, request) => {
    const { client, requests } = talk([reply({})]);
    const error = await rejection(client.invoices.status(request() as never));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(requests).toEqual([]);
  });
});

describe('the PDF of an invoice', () => {
  const pdf = `%PDF-1.7 ${'x'.repeat(2000)}`;
  const download = (client: PayTabsClient) => client.invoices.downloadPdf({ invoiceId: 5829212 });

  it('comes as the bytes that were sent', async () => {
    const talked = talk([reply(pdf)]);
    expect(Buffer.from(await download(talked.client)).toString()).toBe(pdf);
    expect(talked.sent()).toEqual([
      { method: 'GET', path: '/payment/invoice/5829212/download/pdf', body: undefined },
    ]);
    expect(talked.requests[0]?.headers).toMatchObject({
      accept: 'application/pdf, application/json',
    });
  });

  it('may be larger than other answers, up to its own bound', async () => {
    expect(await download(talk([reply(pdf)], { maxReplyBytes: 1024 }).client)).toHaveLength(2009);
    const small = talk([reply(pdf)], { maxPdfBytes: 1024, maxAttempts: 1 });
    expect(await rejection(download(small.client))).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
  });

  it.each([
    ['an error', reply({ code: 2, message: 'Invoice not found', trace }), 'INVALID_REQUEST'],
    ['JSON', reply({ url: 'x' }), 'UNEXPECTED_REPLY'],
    ['a page', reply('<html></html>'), 'UNEXPECTED_REPLY'],
    ['nothing', reply(''), 'UNEXPECTED_REPLY'],
    ['a PDF of something on the way', reply(pdf, 403), 'UNEXPECTED_REPLY'],
  ])('is not %s', async (_, answer, code) => {
    const { client } = talk([answer], { maxAttempts: 1 });
    expect(await rejection(download(client))).toMatchObject({ code });
  });
});

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('a link', () => {
  it.each([
    ['fields that never end', { fields: circular }],
    ['fields that JSON cannot carry', { fields: { amount: 1n } }],
    ['fields in a list', { fields: [1] }],
    ['the profile', { fields: { profile_id: 1 } }],
    ['the amount', { fields: { cart_amount: 1 } }],
    ['what is no field', { fields: { 'a b': 1 } }],
    ['a donation in another currency', { donation: { min: money(1n, 'SAR'), max: amount } }],
    [
      'a donation that begins above its most',
      { donation: { min: money(1n, 'AED'), max: money(2n, 'AED') } },
    ],
  ])('is refused with %s', async (_, more) => {
    const { client } = talk([reply({})]);
    const work = client.links.create({ title: 'x', amount, ...more } as never);
    expect(await rejection(work)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('is not looked for by a path', async () => {
    const { client } = talk([reply({})]);
    const work = client.links.view({ linkId: '../../token' });
    expect(await rejection(work)).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('valU', () => {
  it.each([
    [7, false],
    ['0', true],
  ])('with the code %s is offered: %s', async (responseCode, isOffered) => {
    const { client } = talk([reply({ valuResponse: { responseCode } })]);
    const told = await client.valu.inquire({ amount: parseMajor('1', 'EGP'), phone: '1' });
    expect(told.isOffered).toBe(isOffered);
  });

  it.each([null, '', undefined, true])('is not offered by %s', async (responseCode) => {
    const { client } = talk([reply({ valuResponse: { responseCode } })]);
    const work = client.valu.inquire({ amount: parseMajor('1', 'EGP'), phone: '1' });
    expect(await rejection(work)).toMatchObject({ code: 'UNEXPECTED_REPLY' });
  });
});
