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
