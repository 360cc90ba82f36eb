import { connect } from 'node:net';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { money } from '../src/index.js';
import { type Simulator, startSimulator } from '../src/testing/index.js';
import {
  completed,
  openPage,
  pageRequest,
  paidSale,
  rejection,
  soon,
  startPair,
  unknownEnd,
} from './with-simulator.js';

const body = {
  profile_id: 98765,
  tran_type: 'sale',
  tran_class: 'ecom',
  cart_id: 'order-1',
  cart_currency: 'AED',
  cart_amount: 149.5,
  cart_description: 'Two tickets',
};

const post = async (
  simulator: Simulator,
  {
    path = '/payment/request',
    headers = {},
    send,
  }: { path?: string; headers?: object; send: unknown },
) => {
  const answer = await fetch(simulator.baseUrl + path, {
    method: 'POST',
    headers: {
      authorization: simulator.serverKey,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof send === 'string' ? send : JSON.stringify(send),
  });
  return { status: answer.status, reply: (await answer.json()) as Record<string, unknown> };
};

describe('the simulator answers like the gateway', () => {
  it('a page request with the reply as captured, key for key', async () => {
    const { simulator } = await startPair();
    const { status, reply } = await post(simulator, { send: body });
    expect(status).toBe(200);
    expect(reply).toEqual({
      tran_ref: expect.stringMatching(/^TST\d{13}$/),
      tran_type: 'Sale',
      cart_id: 'order-1',
      cart_description: 'Two tickets',
      cart_currency: 'AED',
      cart_amount: '149.50',
      tran_total: '0',
      callback: 'none',
      return: 'none',
      redirect_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/payment\/wr\/[0-9A-F]{56}$/),
      customer_details: {},
      serviceId: 2,
      paymentChannel: 'Payment Page',
      profileId: 98765,
      merchantId: 1234,
      trace: expect.stringMatching(/^PMNT0101\.[0-9A-F]{8}\.[0-9A-F]{8}$/),
    });
  });

  it.each([
    ['no cart id', { cart_id: undefined }, 101],
    ['a cart id that is a number', { cart_id: 7 }, 101],
    ['a cart id of 65 letters', { cart_id: 'x'.repeat(65) }, 101],
    ['no description', { cart_description: 5 }, 102],
    ['an unknown currency', { cart_currency: 'XYZ' }, 206],
    ['a currency the gateway does not take', { cart_currency: 'NOK' }, 206],
    ['too many decimals', { cart_amount: 1.005 }, 2],
    ['no amount', { cart_amount: undefined }, 2],
    ['an amount of zero', { cart_amount: 0 }, 325],
    ['a bad email', { customer_details: { email: 'sara' } }, 106],
    ['no type', { tran_type: undefined }, 2],
    ['a type that is none', { tran_type: 'lend' }, 2],
    ['no class', { tran_class: undefined }, 2],
    ['a class that is none', { tran_class: 'shop' }, 2],
    ['a language it does not have', { paypage_lang: 'fr' }, 2],
    ['a language that is none', { paypage_lang: 7 }, 2],
    ['half a minute', { paypage_ttl: 1.5 }, 2],
    ['minutes as text', { paypage_ttl: '20' }, 2],
    ['an amount beyond the largest', { cart_amount: '10000000000.00' }, 325],
    ['a URL that is none', { return: 'nowhere' }, 2],
    ['card data', { card_details: { pan: '4111111111111111' } }, 2],
  ])('%s with 400', async (_, wrong, code) => {
    const { simulator } = await startPair();
    const { status, reply } = await post(simulator, { send: { ...body, ...wrong } });
    expect([status, reply.code]).toEqual([400, code]);
    expect(reply.trace).toMatch(/^PMNT/);
    expect(simulator.ledger()).toEqual([]);
  });

  it.each([
    ['another key', { headers: { authorization: 'SOTHER0000-OTHER00000-OTHER00000' } }, 401],
    ['a Bearer prefix', { headers: { authorization: 'Bearer x' } }, 401],
    ['another profile', { send: { ...body, profile_id: 1 } }, 401],
    ['no profile', { send: { ...body, profile_id: undefined } }, 401],
    ['a list in place of the profile', { send: { ...body, profile_id: [98765] } }, 401],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 400],
    ['no JSON', { send: '{"profile_id":' }, 400],
    ['an array', { send: [body] }, 400],
  ])('%s with a refusal', async (_, how, status) => {
    const { simulator } = await startPair();
    expect(await post(simulator, { send: body, ...how })).toMatchObject({ status });
  });

  it('takes a string amount and a quoted profile, as it does in samples', async () => {
    const { simulator } = await startPair();
    const send = { ...body, cart_amount: '149.5', profile_id: '98765' };
    expect((await post(simulator, { send })).reply.cart_amount).toBe('149.50');
  });

  it('the same request within two minutes with 409, and never hands out the first', async () => {
    const { simulator } = await startPair({ simulator: { clock: new ManualClock() } });
    await post(simulator, { send: body });
    const again = await post(simulator, { send: { ...body, cart_amount: '149.50' } });
    expect(again).toMatchObject({ status: 409, reply: { code: 4, message: 'Duplicate Request' } });
    expect(again.reply).not.toHaveProperty('tran_ref');
    simulator.advance(119_999);
    expect((await post(simulator, { send: body })).status).toBe(409);
    simulator.advance(1);
    expect((await post(simulator, { send: body })).status).toBe(200);
    expect((await post(simulator, { send: { ...body, cart_amount: 1 } })).status).toBe(200);
  });

  it('can do without its guard, or cover refunds too', async () => {
    const off = await startPair({ simulator: { duplicateGuard: 'off' } });
    await post(off.simulator, { send: body });
    expect((await post(off.simulator, { send: body })).status).toBe(200);

    const all = await startPair({ simulator: { duplicateGuard: 'all' } });
    const { tranRef } = await paidSale(all);
    const send = { ...body, tran_type: 'refund', tran_ref: tranRef, cart_amount: 1 };
    expect((await post(all.simulator, { send })).status).toBe(200);
    expect((await post(all.simulator, { send })).status).toBe(409);
  });

  it('a query with both references or none with 400', async () => {
    const { simulator } = await startPair();
    for (const send of [{ profile_id: 98765 }, { ...body, tran_ref: 'TST1' }]) {
      expect((await post(simulator, { path: '/payment/query', send })).status).toBe(400);
    }
  });

  it('a query by cart with rows that lack what real rows lack, newest first', async () => {
    const { simulator, client } = await startPair();
    const { tranRef } = await paidSale({ simulator, client }, { cartId: 'order-9' });
    const refund = pageRequest({ cartId: 'refund-9', amount: money(1n, 'AED') });
    await completed(client.refund({ ...refund, tranRef }));
    const { reply } = await post(simulator, {
      path: '/payment/query',
      send: { profile_id: 98765, cart_id: 'refund-9' },
    });
    const [row] = reply as unknown as [Record<string, unknown>];
    for (const missing of ['previous_tran_ref', 'trace', 'profileId', 'paymentChannel', 'token']) {
      expect(row).not.toHaveProperty(missing);
    }
    expect(row.serviceId).toBe(0);
  });

  it('keeps the profiles apart', async () => {
    const other = {
      profileId: 7,
      serverKey: 'SOTHER0000-OTHER00000-OTHER00000',
      clientKey: 'C',
      merchantId: 5,
    };
    const own = {
      profileId: 98765,
      serverKey: 'SOWNOWN000-OWN0000000-OWN0000000',
      clientKey: 'C',
      merchantId: 4,
    };
    const { simulator, client } = await startPair({ simulator: { profiles: [own, other] } });
    const { tranRef } = await paidSale({ simulator, client });
    const { reply } = await post(simulator, {
      path: '/payment/query',
      headers: { authorization: other.serverKey },
      send: { profile_id: 7, tran_ref: tranRef },
    });
    expect(reply.code).toBe(113);
  });

  it('on 127.0.0.1 alone', async () => {
    const { simulator } = await startPair();
    expect(simulator.baseUrl).toBe(`http://127.0.0.1:${simulator.port}`);
    const error = await rejection(
      new Promise((resolve, reject) => {
        connect(simulator.port, '127.0.0.2', () => resolve('connected')).once('error', reject);
      }),
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets a reply drip, which no wait for the next piece gives up on', async () => {
    const { simulator, client } = await startPair({ client: { bodyTimeoutMs: 5_000 } });
    const sale = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'drip', everyMs: 1, pieces: 7, route: 'query' });
    await expect(client.query({ tranRef: sale.tranRef })).resolves.toMatchObject({ status: 'A' });
  });

  it('lets a reply drip for ever, which the limit of the whole call ends', async () => {
    const clock = new ManualClock();
    const { simulator, client } = await startPair({ client: { clock, maxAttempts: 1 } });
    simulator.faults.add({ kind: 'drip', everyMs: 60_000 });
    const request = pageRequest();
    const ending = unknownEnd(client.createHostedPage(request));
    await soon(() => simulator.ledger().length === 1);
    await clock.advanceAsync(30_000);
    const { cartId } = request;
    expect(await ending).toMatchObject({ cartId, error: { code: 'OUTCOME_UNKNOWN', cartId } });
  });

  it('says so when its port is taken', async () => {
    const { simulator } = await startPair();
    await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('gives the same references for the same seed', async () => {
    const refs = async (seed: number) => {
      const { simulator } = await startPair({ simulator: { seed } });
      const { reply } = await post(simulator, { send: body });
      return new URL(String(reply.redirect_url)).pathname;
    };
    expect(await refs(5)).toBe(await refs(5));
    expect(await refs(5)).not.toBe(await refs(6));
  });

  it('keeps its books while it refuses connections', async () => {
    const { simulator, client } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    await simulator.refuseConnections();
    await expect(client.query({ tranRef })).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await simulator.acceptConnections();
    await expect(client.query({ tranRef })).resolves.toMatchObject({ status: 'A' });
  });

  it('late when told to', async () => {
    const { simulator, client } = await startPair();
    simulator.faults.add({ kind: 'slow', delayMs: 3_600_000 });
    const work = openPage(client);
    while (simulator.requests().length === 0) await new Promise((done) => setImmediate(done));
    simulator.advance(3_600_000);
    await expect(work).resolves.toHaveProperty('redirectUrl');
  });
});
