import { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { PayTabsClient } from '../src/index.js';
import {
  intentOf,
  openPage,
  pageRequest,
  paidSale,
  rejection,
  resultOf,
  startPair,
  unknownEnd,
} from './with-simulator.js';

const tuning = {
  window: { kind: 'count', size: 10 },
  minimumCalls: 4,
  openForMs: 30_000,
  halfOpen: { trials: 1 },
} as const;

const startTuned = async () => {
  const clock = new ManualClock();
  const pair = await startPair({
    client: { clock, maxAttempts: 1, breakers: { read: tuning, write: tuning } },
  });
  return { ...pair, clock };
};

const failReads = async (client: PayTabsClient, times: number) => {
  for (let time = 0; time < times; time += 1) await rejection(client.query({ tranRef: 'TST1' }));
};

describe('the breakers', () => {
  it('open on a burst of 5xx, let nothing through, and close after one good probe', async () => {
    const { simulator, client, clock, events } = await startTuned();
    const sale = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'html', status: 503, times: 'always' });
    await failReads(client, 4);
    expect(client.breakers.read.state).toBe('open');

    const before = simulator.requests().length;
    simulator.faults.clear();
    clock.advance(10_000);
    const error = await rejection(client.query({ tranRef: sale.tranRef }));
    expect(error).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      retryAfterMs: 20_000,
      tranRef: sale.tranRef,
    });
    expect(simulator.requests()).toHaveLength(before);

    clock.advance(20_000);
    await expect(client.query({ tranRef: sale.tranRef })).resolves.toMatchObject({ status: 'A' });
    expect(simulator.requests()).toHaveLength(before + 1);
    const changes = events.filter((event) => event.name === 'breakerChanged');
    expect(changes.map(({ kind, state, retryAfterMs }) => [kind, state, retryAfterMs])).toEqual([
      ['read', 'open', 30_000],
      ['read', 'halfOpen', 0],
      ['read', 'closed', 0],
    ]);
  });

  it('open again when the probe fails', async () => {
    const { simulator, client, clock } = await startTuned();
    simulator.faults.add({ kind: 'html', times: 'always' });
    await failReads(client, 4);
    clock.advance(30_000);
    await failReads(client, 1);
    expect(client.breakers.read.state).toBe('open');
    expect(simulator.requests()).toHaveLength(5);
  });

  it('stand apart: failing reads do not stop a payment', async () => {
    const { simulator, client } = await startTuned();
    simulator.faults.add({ kind: 'html', route: 'query', times: 'always' });
    await failReads(client, 4);
    await expect(openPage(client)).resolves.toBeDefined();
    expect(client.breakers.write.state).toBe('closed');
  });

  it('of writes use up no reference while open', async () => {
    const { simulator, client, intents } = await startTuned();
    simulator.faults.add({ kind: 'html', times: 4 });
    for (let time = 0; time < 4; time += 1)
      await unknownEnd(client.createHostedPage(pageRequest()));
    expect(client.breakers.write.state).toBe('open');
    const request = pageRequest();
    await expect(client.createHostedPage(request)).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      retryAfterMs: 30_000,
    });
    expect(await intentOf(intents, request.cartId)).toBeUndefined();
    expect(simulator.requests()).toHaveLength(4);
  });

  it('do not open on declines', async () => {
    const { simulator, client } = await startTuned();
    simulator.mode = 'decline';
    const { tranRef } = await paidSale({ simulator, client });
    for (let time = 0; time < 20; time += 1) {
      expect((await client.query({ tranRef })).status).toBe('D');
    }
    expect(client.breakers.read.state).toBe('closed');
    expect(client.breakers.read.stats().window.failures).toBe(0);
  });

  it.each([
    ['refused keys', { body: { code: 1, message: 'no' }, status: 401 }],
    ['refused requests', { body: { code: 206, message: 'no' }, status: 400 }],
    ['duplicates', { body: { code: 4, message: 'no' }, status: 409 }],
    ['errors said with HTTP 200', { body: { code: 2, message: 'no' }, status: 200 }],
  ])('do not open on %s', async (_, { body, status }) => {
    const { simulator, client } = await startTuned();
    simulator.faults.add({ kind: 'reply', status, body, times: 'always' });
    for (let time = 0; time < 20; time += 1) {
      await resultOf(client.createHostedPage(pageRequest()));
      await rejection(client.query({ tranRef: 'TST1' }));
    }
    expect([client.breakers.read.state, client.breakers.write.state]).toEqual(['closed', 'closed']);
    expect(client.breakers.read.stats().window.failures).toBe(0);
  });

  it('do not open on pauses and firewall pages, which say nothing about the gateway', async () => {
    const { simulator, client } = await startTuned();
    simulator.faults.add({ kind: 'html', status: 403, times: 10 });
    simulator.faults.add({ kind: 'tooMany', times: 'always' });
    await failReads(client, 20);
    expect(client.breakers.read.stats().totals).toMatchObject({ failed: 0, ignored: 20 });
  });

  it('open on refused connections too', async () => {
    const { simulator, client } = await startTuned();
    await simulator.refuseConnections();
    await failReads(client, 4);
    expect(client.breakers.read.state).toBe('open');
  });

  it('can be listed through a registry', async () => {
    const breakerRegistry = new CircuitBreakerRegistry();
    const { simulator, client } = await startPair({ client: { breakerRegistry } });
    expect(breakerRegistry.list().map((breaker) => breaker.name)).toEqual([
      `paytabs:127.0.0.1:${simulator.port}:read`,
      `paytabs:127.0.0.1:${simulator.port}:write`,
    ]);
    expect(breakerRegistry.list()).toEqual([client.breakers.read, client.breakers.write]);
  });

  it('are shared by clients of one registry, and hear of a client that is closed no more', async () => {
    const breakerRegistry = new CircuitBreakerRegistry();
    const { simulator, client, events } = await startPair({ client: { breakerRegistry } });
    const { profileId, serverKey, baseUrl } = simulator;
    const other = new PayTabsClient({ profileId, serverKey, baseUrl, breakerRegistry });
    expect(other.breakers).toEqual(client.breakers);
    const heard: unknown[] = [];
    other.events.on('breakerChanged', (event) => heard.push(event));
    client.breakers.read.holdOpen();
    await other.close();
    client.breakers.read.reset();
    expect(heard).toMatchObject([{ state: 'open' }]);
    expect(events.filter((event) => event.name === 'breakerChanged')).toHaveLength(2);
    await client.close();
    expect(client.breakers.read.events.listenerCount('opened')).toBe(0);
  });

  it('refuse tuning that cannot be, with the error of this package', async () => {
    const client = { breakers: { write: { failureRate: 7 } } };
    await expect(startPair({ client })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("breakers.write: Option 'failureRate'"),
    });
  });
});
