import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import {
  ask,
  direct,
  endOf,
  followUp,
  type Json,
  moves,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const noticesOf = async (shop: Awaited<ReturnType<typeof startShop>>) =>
  shop.callbacks.map(({ body }) => JSON.parse(String(body)) as Json);

describe('a payment on hold', () => {
  const held = async () => {
    const shop = await startShop();
    const simulator = await startGateway();
    simulator.holdNext();
    const reply = await ask(simulator, direct({ callback: shop.callbackUrl, tokenise: 2 }));
    return { shop, simulator, reply, tran_ref: refOf(reply) };
  };

  it('is a sale that became an authorisation, of which only a query tells', async () => {
    const { shop, simulator, reply, tran_ref } = await held();
    expect(reply).toMatchObject({ tran_type: 'Auth', payment_result: { response_status: 'H' } });
    expect(reply).not.toHaveProperty('token');
    expect(await query(simulator, tran_ref)).toMatchObject({
      tran_type: 'Auth',
      original_tran_type: 'Sale',
    });
    await simulator.idle();
    const [notice] = await noticesOf(shop);
    expect(notice).toMatchObject({ tran_type: 'Auth', payment_result: { response_status: 'H' } });
    expect(notice).not.toHaveProperty('original_tran_type');
    expect(moves(simulator)).toEqual(['hold 10000']);
    expect(endOf(await ask(simulator, direct()))).toBe('A');
  });

  it.each(['capture', 'void', 'release', 'refund'])(
    'refuses the API a %s with E/120',
    async (tran_type) => {
      const { simulator, tran_ref } = await held();
      const refused = await followUp(simulator, { tran_type, tran_ref, amount: 1.3 });
      expect([endOf(refused), refused.tran_total]).toEqual(['E/120', '1.30']);
      expect(refused.tran_ref).not.toBe(tran_ref);
      expect(moves(simulator)).toEqual(['hold 10000']);
    },
  );

  it('is released in the dashboard by a new capture, with a callback', async () => {
    const { shop, simulator, reply, tran_ref } = await held();
    const capture = simulator.dashboard.approveHold(tran_ref);
    await simulator.idle();
    expect((await noticesOf(shop)).at(-1)).toMatchObject({
      tran_ref: capture.tranRef,
      previous_tran_ref: tran_ref,
      tran_type: 'Capture',
      cart_id: reply.cart_id,
      payment_result: { response_status: 'A' },
      paymentChannel: 'Dashboard',
    });
    expect(moves(simulator)).toEqual(['hold 10000', 'capture 10000']);
    expect(endOf(simulatorEnd(simulator.dashboard.approveHold(tran_ref)))).toBe('E/118');
  });

  it('can be had several times in a row', async () => {
    const simulator = await startGateway();
    simulator.holdNext();
    simulator.holdNext(2);
    const ends: string[] = [];
    for (let each = 0; each < 4; each += 1) ends.push(endOf(await ask(simulator, direct())));
    expect(ends).toEqual(['H', 'H', 'H', 'A']);
  });

  it('or given up', async () => {
    const { simulator, tran_ref } = await held();
    expect(simulator.dashboard.rejectHold(tran_ref)).toMatchObject({ type: 'Void', status: 'A' });
    expect(moves(simulator)).toEqual(['hold 10000', 'reversal 10000']);
  });
});

const simulatorEnd = ({
  status,
  responseCode,
}: {
  status?: string;
  responseCode: string;
}): Json => ({
  payment_result: { response_status: status, response_code: responseCode },
});

describe('a deferred payment', () => {
  const waiting = async (options: SimulatorOptions = {}, more: Json = {}) => {
    const shop = await startShop();
    const simulator = await startGateway({ clock: new ManualClock(), ...options });
    const request = sale({
      cart_currency: 'EGP',
      callback: shop.callbackUrl,
      return: shop.returnUrl,
    });
    const { redirect_url: url, tran_ref } = await ask(simulator, { ...request, ...more });
    const { fields } = await simulator.pay(String(url), { action: 'later' });
    await simulator.idle();
    return { shop, simulator, fields, tran_ref: String(tran_ref) };
  };

  it('waits with the number the customer pays with, as it was captured', async () => {
    const { shop, simulator, fields, tran_ref } = await waiting();
    const [notice] = await noticesOf(shop);
    const { response_code: number } = (notice?.payment_result ?? {}) as Json;
    expect(number).toMatch(/^\d{14}$/);
    expect(notice).toMatchObject({
      tran_ref,
      tran_type: 'Payment Request',
      payment_result: { response_status: 'P', response_message: 'Pending', acquirer_ref: number },
      payment_info: {
        payment_method: 'Aman',
        card_scheme: '',
        payment_description: 'Aman',
        issuerCountry: 'EG',
        issuerName: 'Aman',
      },
    });
    expect(fields).toMatchObject({ respStatus: 'P', respCode: number });
    expect(await query(simulator, tran_ref)).toMatchObject({ original_tran_type: 'Sale' });
    expect(moves(simulator)).toEqual([]);
  });

  it('ends as a sale of its own once it is paid, which can be given back', async () => {
    const { shop, simulator, tran_ref } = await waiting();
    const { tranRef } = simulator.dashboard.settle(tran_ref);
    await simulator.idle();
    const [request, paid] = await noticesOf(shop);
    expect(paid).toMatchObject({
      tran_ref: tranRef,
      previous_tran_ref: tran_ref,
      tran_type: 'Sale',
      cart_id: request?.cart_id,
      paymentChannel: 'Transaction API',
      payment_result: {
        response_status: 'A',
        response_code: ((request?.payment_result ?? {}) as Json).response_code,
      },
    });
    expect(endOf(await query(simulator, tran_ref))).toMatch(/^P/);
    expect(() => simulator.dashboard.settle(tran_ref)).toThrow('no payment that waits');
    expect(() => simulator.dashboard.expire(tran_ref)).toThrow('no payment that waits');
    simulator.advance(4 * 3_600_000);
    expect(simulator.ledger()).toHaveLength(2);
    await followUp(simulator, {
      tran_type: 'refund',
      tran_ref: tranRef,
      amount: 100,
      cart_currency: 'EGP',
    });
    expect(moves(simulator)).toEqual(['charge 10000', 'refund 10000']);
  });

  it.each([
    ['new', false],
    ['same', true],
  ] as const)('expires by itself as a %s transaction', async (deferredExpiry, isSame) => {
    const { shop, simulator, tran_ref } = await waiting({ deferredTtlMs: 1000, deferredExpiry });
    simulator.advance(1000);
    await simulator.idle();
    const expired = (await noticesOf(shop)).at(-1) as Json;
    expect(endOf(expired)).toBe('X/355');
    expect(expired.tran_ref === tran_ref).toBe(isSame);
    expect(expired.previous_tran_ref).toBe(isSame ? undefined : tran_ref);
    simulator.advance(1000);
    expect(simulator.ledger()).toHaveLength(isSame ? 1 : 2);
  });

  it.each([
    ['AED', {}, []],
    ['SAR', {}, ['sadad']],
    ['EGP', {}, ['aman', 'basata', 'fawry']],
    ['EGP', { payment_methods: ['-aman'] }, ['basata', 'fawry']],
    ['EGP', { payment_methods: ['card'] }, []],
    ['EGP', { payment_methods: ['fawry'] }, ['fawry']],
  ])('is offered in %s for %j: %j', async (currency, more, offered) => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale({ cart_currency: currency, ...more }));
    const html = await (await fetch(String(reply.redirect_url))).text();
    const codes = Array.from(html.matchAll(/value="later:(\w+)"/g), ([, code]) => code);
    expect(codes).toEqual(offered);
    const onlyFawry = JSON.stringify(more).includes('["fawry"]');
    expect(html.includes('name="number"')).toBe(!onlyFawry);
  });
});

it('a page must offer something', async () => {
  const simulator = await startGateway();
  const request = sale({ payment_methods: ['card', '-card'] });
  await expect(ask(simulator, request)).rejects.toThrow('payment_methods');
});

describe('the dashboard', () => {
  it('acts on any transaction, by its own channel', async () => {
    const simulator = await startGateway();
    const auth = refOf(await ask(simulator, direct({ tran_type: 'auth' })));
    const capture = simulator.dashboard.act('capture', auth);
    expect(capture).toMatchObject({ type: 'Capture', channel: 'Dashboard', status: 'A' });
    expect(simulator.dashboard.act('refund', capture.tranRef)).toMatchObject({ status: 'A' });
    expect(moves(simulator)).toEqual(['hold 10000', 'capture 10000', 'refund 10000']);
  });

  it('knows only what is there', async () => {
    const simulator = await startGateway();
    const paid = refOf(await ask(simulator, direct()));
    expect(() => simulator.dashboard.approveHold('TST0')).toThrow('no transaction');
    expect(() => simulator.dashboard.approveHold(paid)).toThrow('is A, not H');
    expect(() => simulator.dashboard.approveRefund(paid)).toThrow('is A, not P');
  });
});
