import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { ask, call, followUp, type Json, query, sale, startGateway } from './simulator-wire.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const create = async (
  more: Json = {},
  { path = 'invoice/new', simulator }: { path?: string; simulator?: Simulator } = {},
) => {
  const gateway = simulator ?? (await startGateway());
  const send = sale({ invoice: { lang: 'en', line_items: [] }, ...more });
  const { status, reply } = await call(gateway, path, { send });
  const { invoice_id: id, invoice_link: link } = reply;
  return { simulator: gateway, status, reply, id: Number(id), link: String(link), send };
};

const post = async (simulator: Simulator, path: string, more: Json = {}) =>
  (await call(simulator, path, { send: { profile_id: 98765, ...more } })).reply;

const stateOf = (simulator: Simulator, invoice_id: number) =>
  post(simulator, 'invoice/status', { invoice_id });

describe('invoices', () => {
  it.each(['invoice/new', 'new/invoice'])('are made by %s, with trace_code', async (path) => {
    const { status, reply } = await create({}, { path });
    expect(status).toBe(200);
    expect(reply).toEqual({
      invoice_id: expect.any(Number),
      invoice_link: expect.stringMatching(/\/payment\/request\/invoice\/\d+\/[0-9A-F]{32}$/),
      trace_code: expect.stringMatching(/^PMNT/),
    });
  });

  it('wait, are paid, and tell by whom', async () => {
    const shop = await startShop();
    const { simulator, id, link } = await create({ callback: shop.callbackUrl });
    expect(await stateOf(simulator, id)).toEqual({ invoice_status: 'pending' });
    await simulator.pay(link, { card: 'wrongCvv' });
    expect(await stateOf(simulator, id)).toEqual({ invoice_status: 'pending' });
    await simulator.pay(link);
    const paid = {
      invoice_status: 'paid',
      tran_ref: expect.stringMatching(/^TST/),
      tran_status: 'A',
      tran_status_msg: 'Authorised',
    };
    expect(await stateOf(simulator, id)).toEqual(paid);
    const { reply } = await call(simulator, `invoice/${id}/status`, { method: 'GET' });
    expect(reply).toEqual(paid);
    await expect(simulator.pay(link)).rejects.toThrow('410');
    await simulator.idle();
    const notices = shop.callbacks.map(({ body }) => JSON.parse(String(body)) as Json);
    expect(notices.map(({ invoice_id }) => invoice_id)).toEqual([id, id]);
  });

  it('stay paid after a void: only the transaction tells', async () => {
    const { simulator, id, link } = await create({ tran_type: 'auth' });
    await simulator.pay(link);
    const { tran_ref } = await stateOf(simulator, id);
    await followUp(simulator, { tran_type: 'void', tran_ref, amount: 100 });
    expect(await stateOf(simulator, id)).toEqual({
      invoice_status: 'paid',
      tran_ref,
      tran_status: 'V',
      tran_status_msg: 'Voided',
    });
  });

  it('are refunded when all was given back', async () => {
    const { simulator, id, link } = await create();
    await simulator.pay(link);
    const { tran_ref } = await stateOf(simulator, id);
    await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 40 });
    expect(await stateOf(simulator, id)).toMatchObject({ invoice_status: 'paid' });
    await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 60 });
    expect(await stateOf(simulator, id)).toMatchObject({ invoice_status: 'refunded', tran_ref });
  });

  it('can be cancelled by both ways, until they are paid', async () => {
    const { simulator, id, link } = await create();
    expect(await post(simulator, 'invoice/cancel', { invoice_id: id })).toMatchObject({
      message: expect.any(String),
      trace: expect.any(String),
    });
    expect(await stateOf(simulator, id)).toEqual({ invoice_status: 'cancelled' });
    await expect(simulator.pay(link)).rejects.toThrow('410');

    const other = await create({}, { simulator });
    const path = `invoice/${other.id}/cancel`;
    expect((await call(simulator, path, { method: 'PUT' })).status).toBe(200);
    expect(await stateOf(simulator, other.id)).toEqual({ invoice_status: 'cancelled' });

    const paid = await create({}, { simulator });
    await simulator.pay(paid.link);
    const send = { profile_id: 98765, invoice_id: paid.id };
    const cancel = () => call(simulator, 'invoice/cancel', { send });
    expect((await cancel()).status).toBe(400);
    const { tran_ref } = await stateOf(simulator, paid.id);
    await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 100 });
    expect((await cancel()).status).toBe(400);
  });

  it('fall due and expire', async () => {
    const simulator = await startGateway({ clock: new ManualClock() });
    const at = (ms: number) => new Date(simulator.requests()[0]?.at ?? ms).getTime() + ms;
    await query(simulator, 'x');
    const invoice = {
      due_date: new Date(at(1000)).toISOString(),
      expiry_date: new Date(at(2000)).toISOString(),
    };
    const { id, link } = await create({ invoice }, { simulator });
    simulator.advance(1000);
    expect(await stateOf(simulator, id)).toEqual({ invoice_status: 'overdue' });
    simulator.advance(1000);
    expect(await stateOf(simulator, id)).toEqual({ invoice_status: 'expired' });
    await expect(simulator.pay(link)).rejects.toThrow('410');
  });

  it('are refused when they are over before they begin', async () => {
    const { status, reply } = await create({ invoice: { expiry_date: inDays(-1) } });
    expect([status, reply]).toEqual([
      400,
      { code: 2, message: 'Invoice expiry date has passed', trace: expect.any(String) },
    ]);
  });

  it.each([
    ['a type that takes no money', { tran_type: 'register' }, 2],
    ['a due date that is none', { invoice: { due_date: 'soon' } }, 2],
    ['lines that are none', { invoice: { line_items: {} } }, 2],
  ])('are refused with %s', async (_, more, code) => {
    expect((await create(more)).reply).toMatchObject({ code });
  });

  it('are not made twice within two minutes', async () => {
    const { simulator, send } = await create();
    expect((await call(simulator, 'invoice/new', { send })).status).toBe(409);
  });

  it('are not found by another id, nor by a wrong address', async () => {
    const { simulator, id, link } = await create();
    expect(await stateOf(simulator, id + 1)).toMatchObject({
      code: 2,
      message: 'Invoice not found',
    });
    const answer = await fetch(link.replace(/.{4}$/, 'AAAA'));
    expect(answer.status).toBe(404);
  });

  it('are sent to a phone, as if', async () => {
    const { simulator, id } = await create();
    const more = { customer_details: { phone: '+971500000000' } };
    expect(await post(simulator, `invoice/${id}/sms`, more)).toEqual({
      message: expect.any(String),
      trace: expect.any(String),
    });
    expect(await post(simulator, `invoice/${id}/sms`)).toMatchObject({ code: 2 });
  });

  it('are marked as paid elsewhere, of which the bank knows nothing', async () => {
    const { simulator, id } = await create();
    const paid = {
      invoice_id: id,
      invoice_currency: 'AED',
      invoice_total: 100,
      pay_method: 'banktransfer',
      pay_description: 'Transfer 5512',
    };
    for (const [wrong, code] of [
      [{ invoice_total: 99 }, 2],
      // To a float both are the same.
      [{ invoice_total: '100.00000000000000001' }, 2],
      [{ pay_method: 'barter' }, 2],
      [{ invoice_currency: 'SAR' }, 206],
    ] as const) {
      expect(await post(simulator, 'invoice/paid', { ...paid, ...wrong })).toMatchObject({ code });
    }
    const reply = await post(simulator, 'invoice/paid', paid);
    expect(reply).toEqual({ profile_id: 98765, ...paid, tran_ref: expect.stringMatching(/^TST/) });
    expect(await stateOf(simulator, id)).toMatchObject({ invoice_status: 'paid' });
    expect(simulator.issuerLog()).toEqual([]);
    expect(await post(simulator, 'invoice/paid', paid)).toMatchObject({ code: 2 });
  });

  it('are found by cart, customer and date', async () => {
    const simulator = await startGateway();
    const one = await create({ customer_ref: 'cust-1' }, { simulator });
    const two = await create({ customer_ref: 'cust-2' }, { simulator });
    const find = async (more: Json) => {
      const rows = (await post(simulator, 'invoice/search', more)) as unknown as Json[];
      return rows.map(({ invoice_id: id }) => id);
    };
    expect(await find({})).toEqual([one.id, two.id]);
    expect(await find({ cart_id: one.send.cart_id })).toEqual([one.id]);
    expect(await find({ customer_ref: 'cust-2' })).toEqual([two.id]);
    expect(await find({ created_date_to: inDays(-1) })).toEqual([]);
    simulator.advance(46 * 86_400_000);
    expect(await find({})).toEqual([]);
  });

  it('come as a PDF', async () => {
    const { simulator, id } = await create();
    const answer = await fetch(`${simulator.baseUrl}/payment/invoice/${id}/download/pdf`, {
      headers: { authorization: simulator.serverKey },
    });
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(text).toMatch(/^%PDF-1\.4\n[\s\S]*AED 100\.00[\s\S]*%%EOF\n$/);
    const [, at] = /startxref\n(\d+)/.exec(text) ?? [];
    expect(text.slice(Number(at), Number(at) + 4)).toBe('xref');
  });

  it('may come with a page payment, and show up in its notice', async () => {
    const shop = await startShop();
    const simulator = await startGateway();
    const page = await ask(simulator, sale({ invoice: {}, callback: shop.callbackUrl }));
    await simulator.pay(String(page.redirect_url));
    await simulator.idle();
    const { invoice_id: id } = JSON.parse(String(shop.callbacks[0]?.body)) as Json;
    expect(await stateOf(simulator, Number(id))).toMatchObject({
      invoice_status: 'paid',
      tran_ref: page.tran_ref,
    });
  });

  it('ask for the key where there is no body to name a profile', async () => {
    const { simulator, id } = await create();
    const answer = await call(simulator, `invoice/${id}/status`, { method: 'GET', key: 'SX' });
    expect([answer.status, answer.reply.code]).toEqual([401, 1]);
  });
});
