import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AcceptedVerdict, systemClock } from '../../src/index.js';
import { createRedisInboxStore, createRedisReplayStore } from '../../src/stores/redis/index.js';
import { deliveryOf, failure } from '../../src/testing/inbox-check.js';
import { callback, notice, verifierWith } from '../requests.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`a Redis whose memory is full${foreign}`, () => {
  const connected: { readonly server: RedisServer; readonly redis: Redis }[] = [];
  let keeping: Redis;
  let evicting: Redis;

  const start = async (policy: string): Promise<Redis> => {
    const server = await startRedis({ maxmemory: '4mb', policy });
    const redis = new Redis(server.url);
    connected.push({ server, redis });
    return redis;
  };
  beforeAll(async () => {
    [keeping, evicting] = await Promise.all([start('noeviction'), start('allkeys-lru')]);
  });
  beforeEach(() => keeping.flushall());
  afterAll(async () => {
    for (const { server, redis } of connected) {
      redis.disconnect();
      await server.stop();
    }
  });

  /** Until it has no room for another value, however small. */
  const fill = async (redis: Redis): Promise<void> => {
    for (const size of [100_000, 1_000, 10]) {
      for (let index = 0; index < 1_000; index += 1) {
        const isFull = await redis.set(`filler:${size}:${index}`, 'x'.repeat(size)).then(
          () => false,
          () => true,
        );
        if (isFull) break;
      }
    }
  };
  const verifierOf = (redis: Redis) =>
    verifierWith({ clock: systemClock, replay: { store: createRedisReplayStore({ redis }) } });
  const handle = async (verifier: ReturnType<typeof verifierOf>, id: string) => {
    const verdict = await verifier.verify(callback({ ...notice, tran_ref: id }));
    return (verdict as AcceptedVerdict).claim.confirm();
  };

  it('refuses new deliveries with noeviction, forgets none, and takes what was in work to its end', async () => {
    const verifier = verifierOf(keeping);
    const sent = (id: string) => callback({ ...notice, tran_ref: id });
    expect(await handle(verifier, 'handled')).toBe(true);
    const inWork = (await verifier.verify(sent('in work'))) as AcceptedVerdict;
    const failing = (await verifier.verify(sent('failing'))) as AcceptedVerdict;
    await fill(keeping);
    expect(await verifier.verify(sent('new'))).toMatchObject({
      reason: 'replay-store-failed',
      status: 503,
    });
    expect(await verifier.verify(sent('handled'))).toMatchObject({ repeat: 'confirmed' });
    expect(await verifier.verify(sent('in work'))).toMatchObject({ repeat: 'claimedElsewhere' });
    expect(await inWork.claim.confirm()).toBe(true);
    expect(await verifier.verify(sent('in work'))).toMatchObject({ repeat: 'confirmed' });
    expect(await failing.claim.release()).toBe(true);
  });

  it('has an inbox with noeviction that refuses deliveries, and works off those it has', async () => {
    const store = createRedisInboxStore({ redis: keeping });
    // Those of one time are taken in this order.
    for (const key of ['a done one', 'b tried again', 'c buried', 'd waiting']) {
      await store.add(key, deliveryOf(key));
    }
    await fill(keeping);
    await expect(store.add('new', deliveryOf('new'))).rejects.toThrow(/OOM/);
    const lease = { token: 't', leaseMs: 60_000 };
    const { entries } = await store.take({ ...lease, limit: 3 });
    expect(entries.map(({ key }) => key)).toEqual(['a done one', 'b tried again', 'c buried']);
    expect(await store.renew('a done one', lease)).toBe(true);
    expect(await store.complete('a done one', { token: 't', keepMs: 60_000 })).toBe(true);
    expect(await store.retry('b tried again', { token: 't', delayMs: 0, error: failure })).toBe(
      true,
    );
    expect(await store.bury('c buried', { token: 't', error: failure })).toBe(true);
    expect(await store.replay('c buried')).toBe(true);
    expect(await store.counts()).toEqual({ due: 3, later: 0, dead: 0 });
  });

  it('forgets handled deliveries and kept ones with an evicting policy, and says nothing', async () => {
    const verifier = verifierOf(evicting);
    const store = createRedisInboxStore({ redis: evicting });
    expect(await handle(verifier, 'handled')).toBe(true);
    await store.add('kept', deliveryOf('kept'));
    // Those of one second are dropped at random, so many times as much as there is room for.
    for (let index = 0; index < 500; index += 1) {
      await evicting.set(`other:${index}`, 'x'.repeat(100_000));
    }
    expect(await handle(verifier, 'handled')).toBe(true);
    expect(await store.take({ token: 't', leaseMs: 60_000, limit: 1 })).toEqual({
      entries: [],
      unreadable: [],
    });
  });
});
