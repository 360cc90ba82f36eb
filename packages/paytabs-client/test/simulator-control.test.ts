import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { paidSale, rejection, startPair } from './with-simulator.js';

const call = async (simulator: Simulator, route: string, body?: unknown) => {
  const [method = '', name] = route.split(' ');
  const answer = await fetch(`${simulator.baseUrl}/_simulator/${name}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
};

describe('the control API', () => {
  it('shows the books', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    const { simulator } = pair;
    const amount = { minor: 14950, currency: 'AED' };
    expect((await call(simulator, 'GET ledger')).body).toMatchObject([
      { tranRef, status: 'A', total: amount },
    ]);
    expect((await call(simulator, 'GET issuer-log')).body).toMatchObject([
      { tranRef, action: 'charge', amount },
    ]);
    expect((await call(simulator, 'GET requests')).body).toMatchObject([
      { path: '/payment/request', status: 200 },
    ]);
    expect((await call(simulator, 'GET deliveries')).body).toEqual([]);
  });

  it('switches faults, mode and time', async () => {
    const { simulator, client } = await startPair();
    const fault = { kind: 'html', status: 502, route: 'query', times: 3 };
    expect((await call(simulator, 'POST faults', fault)).body).toEqual([fault]);
    expect((await call(simulator, 'DELETE faults')).body).toEqual([]);
    await call(simulator, 'POST mode', { mode: 'decline' });
    expect((await call(simulator, 'GET mode')).body).toEqual({ mode: 'decline' });
    const { tranRef } = await paidSale({ simulator, client });
    expect((await client.query({ tranRef })).status).toBe('D');
    expect((await call(simulator, 'POST clock', { advanceMs: 1000 })).status).toBe(200);
  });

  it('sends callbacks again', async () => {
    const pair = await startPair();
    const shop = await startShop();
    const { tranRef } = await paidSale(pair, { callbackUrl: shop.callbackUrl });
    await pair.simulator.idle();
    const body = { tranRef, times: 3, parallel: 3, mutate: 'forged' };
    const { body: deliveries } = await call(pair.simulator, 'POST deliver', body);
    expect(deliveries).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(shop.callbacks).toHaveLength(4);
  });

  it.each([
    ['POST faults', { kind: 'explode' }, 400],
    ['POST faults', { kind: 'html', status: 99 }, 400],
    ['POST faults', { kind: 'drip', pieces: 0 }, 400],
    ['POST mode', { mode: 'maybe' }, 400],
    ['POST clock', { advanceMs: -1 }, 400],
    ['POST deliver', { tranRef: 'TST0' }, 400],
    ['GET nothing', undefined, 404],
  ])('refuses %s %j', async (route, body, status) => {
    const { simulator } = await startPair();
    expect((await call(simulator, route, body)).status).toBe(status);
  });

  it.each([
    ['Origin', { origin: 'https://evil.example' }],
    ['Host', { host: 'evil.example' }],
  ])('refuses what a foreign web page could have sent, by its %s', async (_, headers) => {
    const { simulator } = await startPair();
    const status = await new Promise((resolve, reject) => {
      const { port } = simulator;
      request({ host: '127.0.0.1', port, path: '/_simulator/mode', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .once('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('cannot send again what was never sent', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    const error = await rejection(pair.simulator.deliver(tranRef));
    expect(String(error)).toContain('No callback was ever sent');
  });
});

describe('the control API of the bank and the dashboard', () => {
  const paid = async () => {
    const pair = await startPair();
    const { tranRef, cartId } = await paidSale(pair);
    return { simulator: pair.simulator, tranRef, cartId };
  };

  it('tells the bank what to do next', async () => {
    const { simulator, client } = await startPair();
    const behaviour = { kind: 'late', afterMs: 1000 };
    await call(simulator, 'POST bank', { behaviour, actions: ['charge'] });
    const { tranRef } = await paidSale({ simulator, client });
    expect((await client.query({ tranRef })).responseCode).toBe('401');
    await call(simulator, 'POST clock', { advanceMs: 1000 });
    expect((await client.query({ tranRef })).status).toBe('A');
    await call(simulator, 'POST bank', { behaviour: { kind: 'stall' } });
    await call(simulator, 'DELETE bank');
    await paidSale({ simulator, client });
    expect(simulator.ledger()[1]?.status).toBe('A');
  });

  it('shows both legs', async () => {
    const { simulator, tranRef, cartId } = await paid();
    const legs = [{ tranRef, gateway: { status: 'A' }, bank: [{ action: 'charge' }] }];
    expect((await call(simulator, `GET legs?tranRef=${tranRef}`)).body).toMatchObject(legs);
    expect((await call(simulator, `GET legs?cartId=${cartId}`)).body).toMatchObject(legs);
  });

  it('acts in the dashboard', async () => {
    const { simulator, tranRef } = await paid();
    const refund = { do: 'refund', tranRef, minor: 50 };
    expect((await call(simulator, 'POST dashboard', refund)).body).toMatchObject({
      type: 'Refund',
      status: 'A',
      total: { minor: 50, currency: 'AED' },
    });
    expect((await call(simulator, 'POST dashboard', { do: 'refund', tranRef })).body).toMatchObject(
      {
        total: { minor: 14_900 },
      },
    );
    expect((await call(simulator, 'POST dashboard', { do: 'settle', tranRef })).status).toBe(400);
  });

  it('holds payments and notices, and refuses refunds', async () => {
    const pair = await startPair();
    const { simulator } = pair;
    const shop = await startShop();
    await call(simulator, 'POST hold-next', {});
    await call(simulator, 'POST notices/hold');
    const { tranRef } = await paidSale(pair, { callbackUrl: shop.callbackUrl });
    expect(simulator.ledger()[0]?.status).toBe('H');
    expect(shop.callbacks).toEqual([]);
    const released = await call(simulator, 'POST notices/release', { order: 'reversed' });
    expect([released.body, shop.callbacks.length]).toEqual([{ released: 1 }, 1]);
    const { body } = await call(simulator, 'POST dashboard', { do: 'approveHold', tranRef });
    await call(simulator, 'POST refund-balance', { balance: 'exhausted' });
    const refund = { do: 'refund', tranRef: (body as { tranRef: string }).tranRef };
    expect((await call(simulator, 'POST dashboard', refund)).body).toMatchObject({
      responseCode: '342',
    });
  });

  it('sets books against the bank', async () => {
    const { simulator, cartId } = await paid();
    const compare = (minor: number) =>
      call(simulator, 'POST compare', { [cartId]: { charge: minor } });
    expect((await compare(14_950)).body).toEqual([]);
    expect((await compare(14_951)).body).toMatchObject([
      { cartId, kind: 'charge', bank: 14_950, merchant: 14_951 },
    ]);
  });

  it.each([
    ['POST bank', { behaviour: { kind: 'explode' } }],
    ['POST bank', { behaviour: { kind: 'stall' }, actions: ['steal'] }],
    ['POST dashboard', { do: 'steal', tranRef: 'x' }],
    ['POST dashboard', { do: 'approveHold', tranRef: 'TST0' }],
    ['POST hold-next', { times: 0 }],
    ['POST refund-balance', { balance: 'much' }],
    ['POST notices/release', { order: 'any' }],
    ['POST compare', { a: { theft: 1 } }],
  ])('refuses %s %j', async (route, body) => {
    const { simulator } = await startPair();
    expect((await call(simulator, route, body)).status).toBe(400);
  });
});
