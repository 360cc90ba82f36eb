import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRedisInboxStore } from '../../src/stores/redis/index.js';
import { deliveryOf, failure } from '../../src/testing/inbox-check.js';
import { inboxStoreConformance } from '../../src/testing/index.js';
import { refusesUnreadableEntry } from './unreadable-entry.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the Redis inbox store', () => {
  let redis: Redis;
  const newInbox = () => {
    const keyPrefix = `test:${randomUUID()}`;
    const entryKey = (key: string) => `{${keyPrefix}}:entry:${key}`;
    const setKey = (set: string) => `{${keyPrefix}}:${set}`;
    return { store: createRedisInboxStore({ redis, keyPrefix }), keyPrefix, entryKey, setKey };
  };
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
  });
  afterAll(async () => {
    await redis.quit();
  });

  const checks = inboxStoreConformance(() => ({
    store: newInbox().store,
    passTime: sleep,
    shortMs: 1_500,
  }));
  it.concurrent.for(checks)('conforms: $name', ({ run }, { expect }) =>
    expect(run()).resolves.toBeUndefined(),
  );

  interface Sample {
    readonly entries: readonly {
      readonly key: string;
      readonly set?: string;
      readonly score?: number;
      readonly hash: Record<string, string>;
      readonly reads: 'taken' | 'known' | 'dead';
      readonly attempt?: number;
    }[];
  }

  it.each(['redis-inbox-v1.json'])('reads the stored sample %s', async (file) => {
    const text = readFileSync(new URL(`../samples/${file}`, import.meta.url), 'utf8');
    const { entries } = JSON.parse(text) as Sample;
    const { store, entryKey, setKey } = newInbox();
    for (const { key, set, score, hash } of entries) {
      await redis.hset(entryKey(key), hash);
      if (set !== undefined) await redis.zadd(setKey(set), score as number, key);
      expect(await store.add(key, deliveryOf('other'))).toBe('known');
    }
    const taken = await store.take({ token: 't', leaseMs: 60_000, limit: 10 });
    expect(taken.unreadable).toEqual([]);
    const wanted = entries.filter(({ reads }) => reads === 'taken');
    expect(taken.entries).toEqual(
      wanted.map(({ key, attempt, hash }) => ({
        key,
        attempt,
        delivery: expect.objectContaining(JSON.parse(hash.delivery as string) as object),
      })),
    );
    expect((await store.deadLetters({ limit: 10 })).entries).toEqual([
      expect.objectContaining({ attempts: 12, buriedAt: 1_790_000_000_500 }),
    ]);
    expect(await store.replay(entries.at(-1)?.key as string)).toBe(true);
  });

  it('writes what the sample of its version shows', async () => {
    const { store, entryKey, setKey } = newInbox();
    const delivery = JSON.stringify(deliveryOf('a'));
    const open = { v: '1', state: 'open', delivery };
    await store.add('a', deliveryOf('a'));
    expect(await redis.hgetall(entryKey('a'))).toEqual({ ...open, attempts: '0' });
    expect(Number(await redis.zscore(setKey('open'), 'a'))).toBeGreaterThan(1.7e12);
    await store.take({ token: 't', leaseMs: 60_000, limit: 1 });
    expect(await redis.hgetall(entryKey('a'))).toEqual({ ...open, attempts: '1', token: 't' });
    await store.retry('a', { token: 't', delayMs: 0, error: failure });
    const error = '{"name":"TypeError","code":"E_GONE"}';
    expect(await redis.hgetall(entryKey('a'))).toEqual({ ...open, attempts: '1', error });
    await store.take({ token: 't', leaseMs: 60_000, limit: 1 });
    await store.bury('a', { token: 't', error: failure });
    const dead = { ...open, state: 'dead', attempts: '2', error };
    expect(await redis.hgetall(entryKey('a'))).toEqual(dead);
    expect(await redis.zcard(setKey('open'))).toBe(0);
    expect(await redis.zcard(setKey('dead'))).toBe(1);
    await store.replay('a');
    await store.take({ token: 't', leaseMs: 60_000, limit: 1 });
    await store.complete('a', { token: 't', keepMs: 60_000 });
    expect(await redis.hgetall(entryKey('a'))).toEqual({ v: '1', state: 'completed' });
    expect(await redis.pttl(entryKey('a'))).toBeGreaterThan(50_000);
    expect(await redis.zcard(setKey('open'))).toBe(0);
  });

  const delivery = JSON.stringify(deliveryOf('a'));
  const unknown: readonly Record<string, string>[] = [
    { v: '2', state: 'open', delivery, attempts: '0', token: 't' },
    { v: '2', state: 'completed' },
    { v: '10', state: 'dead', delivery, attempts: '1', error: '{}' },
    { state: 'open', delivery, attempts: '0' },
    { v: '1', state: 'parked', delivery, attempts: '0' },
    { v: '1', state: 'open', attempts: '0' },
    { v: '1', state: 'open', delivery, attempts: 'many' },
    { v: '1', state: 'dead', delivery, attempts: '1' },
  ];
  it.each(unknown)('neither changes %j nor is held up by it', async (hash) => {
    const { store, entryKey, setKey } = newInbox();
    await redis.hset(entryKey('a'), hash);
    await redis.zadd(setKey('open'), 1, 'a');
    await redis.zadd(setKey('dead'), 1, 'a');
    await refusesUnreadableEntry(store, 1);
    expect(await redis.hgetall(entryKey('a'))).toEqual(hash);
    expect(await redis.zscore(setKey('open'), 'a')).toBe('1');
  });

  it('does not take a value of another kind for an entry', async () => {
    const { store, entryKey } = newInbox();
    await redis.set(entryKey('a'), '1', 'PX', 60_000);
    await expect(store.add('a', deliveryOf('a'))).rejects.toMatchObject({ code: 'STORE_FORMAT' });
  });

  it('says which entry holds text that is no delivery', async () => {
    const { store, entryKey, setKey } = newInbox();
    for (const [index, text] of ['{"half', '{}'].entries()) {
      await redis.hset(entryKey(`${index}`), { v: 1, state: 'open', delivery: text, attempts: 0 });
      await redis.zadd(setKey('open'), index, `${index}`);
    }
    const taken = await store.take({ token: 't', leaseMs: 60_000, limit: 5 });
    expect(taken).toEqual({ entries: [], unreadable: ['0', '1'] });
  });

  it('has all keys of one inbox in one slot of a cluster', async () => {
    const keys: string[] = [];
    const store = createRedisInboxStore({
      redis: {
        eval: async (_script, count, ...args) => {
          keys.push(...args.slice(0, count));
          return 'added';
        },
      },
    });
    await store.add('{other}:a', deliveryOf('a'));
    expect(keys).toHaveLength(3);
    expect(keys.every((key) => key.startsWith('{webhook-inbox}:'))).toBe(true);
  });

  it('refuses what is no client, and a name that is no hash tag', () => {
    expect(() => createRedisInboxStore({ redis: {} as never })).toThrow(/^redis is an object; /);
    expect(() => createRedisInboxStore({ redis, prefix: 'a' } as never)).toThrow(
      /^prefix is unknown; /,
    );
    for (const keyPrefix of ['', 'a}b', '{a}', 'x'.repeat(201), 7 as never]) {
      expect(() => createRedisInboxStore({ redis, keyPrefix })).toThrow(/^keyPrefix is /);
    }
  });
});
