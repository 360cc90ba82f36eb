import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import {
  type CreateInvoiceRequest,
  MemoryIntentStore,
  money,
  parseMajor,
  type SadadRequest,
} from '../src/index.js';
import { bodyOf, doneReply, reply, talk } from './with-dispatcher.js';
import { intentOf, rejection, stateOf } from './with-simulator.js';

const trace = 'PMNT0102.6A000300.00000E01';
const zero = money(0n, 'AED');
const forty = parseMajor('40', 'AED');

const invoice: CreateInvoiceRequest = {
  cartId: 'inv-2026-77',
  amount: forty,
  description: 'Consulting',
  customerRef: 'cust-12',
  hideShipping: true,
  invoice: {
    language: 'en',
    shippingCharges: zero,
    extraCharges: zero,
    extraDiscount: zero,
    total: zero,
    expiryDate: '2026-09-21T13:33:00+04:00',
    lineItems: [
      {
        sku: 'C-1',
        description: 'One hour',
        unitCost: forty,
        quantity: 1,
        netTotal: forty,
        discountRate: 0,
        discountAmount: zero,
        taxRate: 0,
        taxTotal: zero,
        total: forty,
      },
    ],
  },
  callbackUrl: 'https://shop.example.com/paytabs/callback',
  returnUrl: 'https://shop.example.com/paytabs/return',
};
const { cartId } = invoice;
const link = 'https://secure.paytabs.com/payment/request/invoice/5829212/4D7879D2E289416E';
const created = { invoice_id: 5829212, invoice_link: link, trace_code: trace };
const cut = { error: new Error('cut'), when: 'afterSending' } as const;

const paid = (more: Record<string, unknown> = {}) =>
  doneReply({
    cart_id: cartId,
    cart_amount: '40.00',
    tran_total: '40.00',
    tran_ref: 'TST2625600001260',
    ...more,
  });

const declined = { payment_result: { response_status: 'D', response_code: '300' } };

describe('an invoice', () => {
  it('is asked for with the bytes of the reference', async () => {
    const talked = talk([reply(created)]);
    const outcome = await talked.client.invoices.create(invoice);
    expect(outcome).toEqual({
      kind: 'invoice',
      cartId,
      invoiceId: 5829212,
      link,
      trace,
    });
    expect(outcome).toHaveProperty('raw', created);
    expect(talked.requests[0]?.path).toBe('/payment/invoice/new');
    expect(bodyOf(talked)).toBe(
      '{"profile_id":98765,"tran_type":"sale","tran_class":"ecom","cart_id":"inv-2026-77","cart_currency":"AED","cart_amount":40.00,"cart_description":"Consulting","customer_ref":"cust-12","hide_shipping":true,"invoice":{"lang":"en","shipping_charges":0.00,"extra_charges":0.00,"extra_discount":0.00,"total":0.00,"expiry_date":"2026-09-21T13:33:00+04:00","line_items":[{"sku":"C-1","description":"One hour","unit_cost":40.00,"quantity":1,"net_total":40.00,"discount_rate":0,"discount_amount":0.00,"tax_rate":0,"tax_total":0.00,"total":40.00}]},"callback":"https://shop.example.com/paytabs/callback","return":"https://shop.example.com/paytabs/return"}',
    );
  });

  it('is asked for on the older path where the gateway wants it so', async () => {
    const talked = talk([reply(created)], { invoiceRoutes: 'path' });
    await talked.client.invoices.create(invoice);
    expect(talked.requests[0]?.path).toBe('/payment/new/invoice');
  });

  it('is remembered as long as it can be paid', async () => {
    const clock = new ManualClock();
    const expiryDate = new Date(clock.wallTime() + 86_400_000).toISOString();
    const talked = talk([reply(created)], { clock });
    await talked.client.invoices.create({
      ...invoice,
      invoice: { ...invoice.invoice, expiryDate },
    });
    expect(await intentOf(talked.intents, cartId)).toMatchObject({
      operation: 'createInvoice',
      pageLifeMs: 86_400_000,
      state: {
        name: 'pageOpen',
        tranRef: 'invoice-5829212',
        expiresAt: new Date(clock.wallTime() + 86_400_000),
      },
    });
    const endless = talk([reply(created)], { clock });
    const { expiryDate: _, ...open } = invoice.invoice;
    await endless.client.invoices.create({ ...invoice, invoice: open });
    expect(await intentOf(endless.intents, cartId)).toMatchObject({ pageLifeMs: 45 * 86_400_000 });
  });

  it('is never asked for twice', async () => {
    const talked = talk([reply(created)]);
    await talked.client.invoices.create(invoice);
    const error = await rejection(talked.client.invoices.create(invoice));
    expect(error).toMatchObject({ code: 'REFERENCE_REUSED' });
    expect(talked.requests).toHaveLength(1);
  });

  it('is refused for certain when the gateway says so', async () => {
    const body = { code: 2, message: 'Invoice expiry date has passed', trace };
    const talked = talk([reply(body, 400)]);
    const error = await rejection(talked.client.invoices.create(invoice));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', gatewayCode: 2 });
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'refused' });
  });

  it.each([
    ['no answer', cut],
    ['an answer without a link', reply({ invoice_id: 5829212 })],
    ['an answer without an id', reply({ invoice_link: link })],
  ])('is unknown after %s', async (_, answer) => {
    const talked = talk([answer]);
    expect(await talked.client.invoices.create(invoice)).toMatchObject({ kind: 'unknown', cartId });
    expect(talked.requests).toHaveLength(1);
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'unknown' });
  });

  it('whose answer was lost is found in the list of invoices', async () => {
    const other = { invoice_id: 1, cart_id: 'another' };
    const talked = talk([cut, reply([]), reply([other, { invoice_id: 5829212, cart_id: cartId }])]);
    await talked.client.invoices.create(invoice);
    await talked.client.check({ cartId });
    expect(await stateOf(talked.intents, cartId)).toMatchObject({
      name: 'pageOpen',
      tranRef: 'invoice-5829212',
    });
    expect(talked.sent().slice(1)).toEqual([
      {
        method: 'POST',
        path: '/payment/query',
        body: '{"profile_id":98765,"cart_id":"inv-2026-77"}',
      },
      {
        method: 'POST',
        path: '/payment/invoice/search',
        body: '{"profile_id":98765,"cart_id":"inv-2026-77"}',
      },
    ]);
  });

  it('whose answer was lost stays unknown while the list cannot be had', async () => {
    const refused = reply({ code: 2, message: 'No such call', trace }, 400);
    const talked = talk([cut, reply([]), refused]);
    await talked.client.invoices.create(invoice);
    expect(await rejection(talked.client.check({ cartId }))).toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'unknown' });
  });

  it('that nobody knows after all waits was never there', async () => {
    const clock = new ManualClock();
    const talked = talk([cut, reply([])], { clock });
    await talked.client.invoices.create(invoice);
    for (let round = 0; round < 30; round += 1) {
      clock.advance(120_000);
      await talked.client.reconcile();
    }
    expect(await stateOf(talked.intents, cartId)).toEqual({ name: 'notFound' });
  });

  it('is not ended by a card that was declined, for the next one may pay', async () => {
    const talked = talk([reply(created), reply([paid(declined)]), reply([paid(), paid(declined)])]);
    await talked.client.invoices.create(invoice);
    await talked.client.check({ cartId });
    expect(await stateOf(talked.intents, cartId)).toMatchObject({ name: 'pageOpen' });
    await talked.client.check({ cartId });
    expect(await stateOf(talked.intents, cartId)).toMatchObject({
      name: 'done',
      seen: { status: 'A', tranRef: 'TST2625600001260' },
    });
  });

  it('that came after it was given up is not handed out as if nothing had been', async () => {
    const intents = new MemoryIntentStore();
    const replace = intents.replace.bind(intents);
    const talked = talk([reply(created)], { intents });
    // Another process has found nothing, and ended it, while this one was frozen.
    intents.replace = async (next) => {
      intents.replace = replace;
      const known = await intents.find(next);
      await replace({
        ...(known as typeof next),
        revision: 1,
        state: { name: 'notFound' },
      });
      return false;
    };
    expect(await talked.client.invoices.create(invoice)).toMatchObject({
      kind: 'unknown',
      tranRef: 'invoice-5829212',
      error: { message: expect.stringContaining('cancel it') },
    });
  });
});

const bill: SadadRequest = {
  cartId: 'cart_9991',
  amount: parseMajor('100', 'SAR'),
  description: 'Bill',
  customer: { name: 'Omar Saleh' },
  fields: { split_payout: [{ entity: 'x', amount: '1.00' }] },
};
const billed = {
  biller_id: '902',
  sadad_number: '234320012566',
  cart_id: 'cart_9991',
  tran_ref: 'TST2625600001270',
  expire_date: '2026-09-18T07:08:57.034903127Z',
  invoice_id: 1513678,
};

describe('a bill of SADAD', () => {
  it('is asked for, read and remembered', async () => {
    const talked = talk([reply(billed)]);
    const outcome = await talked.client.sadad.request(bill);
    expect(outcome).toEqual({
      kind: 'bill',
      cartId: 'cart_9991',
      tranRef: 'TST2625600001270',
      billerId: '902',
      sadadNumber: '234320012566',
      invoiceId: 1513678,
      expiresAt: new Date('2026-09-18T07:08:57.034Z'),
    });
    expect(outcome).toHaveProperty('raw', billed);
    expect(talked.sent()).toEqual([
      {
        method: 'POST',
        path: '/payment/apm/sadad/ifs/request',
        body: '{"profile_id":98765,"split_payout":[{"entity":"x","amount":"1.00"}],"cart_id":"cart_9991","cart_currency":"SAR","cart_amount":100.00,"cart_description":"Bill","customer_details":{"name":"Omar Saleh"}}',
      },
    ]);
    expect(await intentOf(talked.intents, 'cart_9991')).toMatchObject({
      operation: 'requestSadad',
      type: 'sale',
      state: { name: 'pageOpen', tranRef: 'TST2625600001270' },
    });
  });

  it('is unknown when the answer is about another cart', async () => {
    const talked = talk([reply({ ...billed, cart_id: 'other' })]);
    expect(await talked.client.sadad.request(bill)).toMatchObject({
      kind: 'unknown',
      tranRef: 'TST2625600001270',
    });
  });

  it('is unknown when the answer was lost, and pending once it is found', async () => {
    const pending = doneReply({
      tran_type: 'Payment Request',
      cart_id: 'cart_9991',
      cart_currency: 'SAR',
      tran_currency: 'SAR',
      cart_amount: '100.00',
      tran_total: '100.00',
      payment_result: { response_status: 'P', response_code: '234320012566' },
    });
    const talked = talk([cut, reply([pending])]);
    expect(await talked.client.sadad.request(bill)).toMatchObject({ kind: 'unknown' });
    await talked.client.check({ cartId: 'cart_9991' });
    expect(await stateOf(talked.intents, 'cart_9991')).toMatchObject({ name: 'pending' });
  });

  it('has no end when its time cannot be read', async () => {
    const { client } = talk([reply({ ...billed, expire_date: 'soon' })]);
    expect(await client.sadad.request(bill)).not.toHaveProperty('expiresAt');
  });
});
