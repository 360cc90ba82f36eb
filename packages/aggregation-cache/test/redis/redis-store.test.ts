import { randomUUID } from 'node:crypto';
import { FOREIGN_SERVERS_REASON, startRedis, usesForeignServers } from '@nestcms/testbed';
import { Cluster, Redis } from 'ioredis';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import {
  createRedisRemoteStore,
  type RedisRemoteStoreOptions,
} from '../../src/stores/redis/index.js';
import { soon } from '../support/soon.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const open = async (more: Partial<RedisRemoteStoreOptions> = {}) => {
  const keyPrefix = `store-${randomUUID()}`;
  const redis = new Redis(inject('redisCacheUrl'));
  const store = createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000, ...more });
  cleanups.push(async () => {
    await store.close();
    redis.disconnect();
  });
  await soon(() => store.state === 'ready', 'the store');
  const fill = async (key: string, bytes: Uint8Array, ttlMs = 60_000) => {
    const { generations } = await store.look(key, ['shop.a']);
    return store.store({ key, bytes, ttlMs, generations });
  };
  /** What Redis says all keys of this store take. */
  const usage = async () => {
    const keys = await redis.keys(`{${keyPrefix}}*`);
    const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  };
  return { keyPrefix, redis, store, fill, usage };
};

const keyOf = (index: number) => String(index).padStart(43, 'k');

describe('the budget', () => {
  it('is what all keys together take at most, by the count of Redis itself', async () => {
    const maxBytes = 128 * 1024;
    const { store, fill, usage } = await open({ maxBytes });
    for (let index = 0; index < 400; index += 1) {
      expect(await fill(keyOf(index), Buffer.alloc(100 + (index % 7) * 400, 1))).toBe('stored');
    }
    const used = await usage();
    expect(used).toBeLessThanOrEqual(maxBytes);
    // It is used, not merely kept.
    expect(used).toBeGreaterThan(maxBytes * 0.6);
    expect((await store.look(keyOf(399), ['shop.a'])).value).toBeDefined();
    expect((await store.look(keyOf(0), ['shop.a'])).value).toBeUndefined();
  });

  it('counts a value that is stored again once', async () => {
    const { store, fill } = await open({ maxBytes: 65_536 });
    await fill(keyOf(1), Buffer.alloc(10_000));
    for (let round = 0; round < 50; round += 1) await fill(keyOf(2), Buffer.alloc(30_000));
    expect((await store.look(keyOf(1), ['shop.a'])).value).toBeDefined();
  });

  it('refuses a value that is over it alone, and leaves the others', async () => {
    const { store, fill } = await open({ maxBytes: 65_536 });
    await fill(keyOf(1), Buffer.alloc(100));
    expect(await fill(keyOf(2), Buffer.alloc(70_000))).toBe('refused');
    expect((await store.look(keyOf(1), ['shop.a'])).value).toBeDefined();
  });

  it('writes off what has expired', async () => {
    const { keyPrefix, redis, fill } = await open({ maxBytes: 1024 * 1024 });
    for (let index = 0; index < 20; index += 1) await fill(keyOf(index), Buffer.alloc(10), 20);
    await soon(async () => (await redis.exists(`{${keyPrefix}}:v1:${keyOf(19)}`)) === 0);
    await fill(keyOf(99), Buffer.alloc(10));
    expect(await redis.zcard(`{${keyPrefix}}:order`)).toBe(1);
    expect(await redis.hget(`{${keyPrefix}}:sizes`, '@total')).toBe('522');
  });

  it('takes a removed value off', async () => {
    const { keyPrefix, redis, store, fill } = await open({ maxBytes: 1024 * 1024 });
    await fill(keyOf(1), Buffer.alloc(10));
    await store.remove(keyOf(1));
    await store.remove(keyOf(1));
    expect(await redis.hget(`{${keyPrefix}}:sizes`, '@total')).toBe('0');
    expect(await redis.zcard(`{${keyPrefix}}:order`)).toBe(0);
  });
});

describe('somebody else', () => {
  it("'s value of another type is there, and not ours", async () => {
    const { keyPrefix, redis, store } = await open();
    await redis.rpush(`{${keyPrefix}}:v1:${keyOf(1)}`, 'a list');
    const { value } = await store.look(keyOf(1), ['shop.a']);
    expect(value?.bytes).toHaveLength(0);
    await store.remove(keyOf(1));
    expect((await store.look(keyOf(1), ['shop.a'])).value).toBeUndefined();
  });

  it("'s messages on the channel are not heard", async () => {
    const { keyPrefix, redis, store } = await open();
    const heard: unknown[] = [];
    store.subscribe({ moved: (generations) => heard.push(generations), stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    const hostile = [
      '',
      'hello',
      '1zzzz',
      '1ffffffff',
      '100000003abc00000001',
      '2',
      // A length below zero, which would lead back to itself for ever.
      '1-0000008',
    ];
    for (const message of hostile) {
      await redis.publish(`{${keyPrefix}}:moved`, message);
    }
    await store.invalidate([{ namespace: 'shop.last' }]);
    await soon(() => heard.length > 0);
    expect(heard).toHaveLength(1);
  });

  it("'s messages with a time that is none are heard without one", async () => {
    const { keyPrefix, redis, store } = await open();
    const heard: unknown[] = [];
    store.subscribe({ moved: (generations) => heard.push(generations), stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    // A time that is no number, and a signed time that is no BSON.
    await redis.publish(`{${keyPrefix}}:moved`, `100000001a00000030${'z'.repeat(48)}`);
    await redis.publish(`{${keyPrefix}}:moved`, `100000001a00000033${'0'.repeat(48)}zzz`);
    await soon(() => heard.length > 1);
    expect(heard).toEqual([
      [{ namespace: 'a', id: 'z'.repeat(32), after: undefined }],
      [{ namespace: 'a', id: '0'.repeat(32), after: undefined }],
    ]);
  });

  it('who wiped the scripts is no trouble', async () => {
    const { redis, store } = await open();
    await redis.script('FLUSH');
    await expect(store.generations(['shop.a'])).resolves.toHaveLength(1);
  });

  it('who broke the generations is told as a refusal', async () => {
    const { keyPrefix, redis, store } = await open();
    await redis.set(`{${keyPrefix}}:generations`, 'text');
    await expect(store.generations(['shop.a'])).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      details: { operation: 'generations', reason: 'refused' },
    });
  });
});

describe.skipIf(usesForeignServers)(
  `a server at its memory limit (${FOREIGN_SERVERS_REASON})`,
  () => {
    it.each([
      ['without a budget', undefined],
      ['with one', 65_536],
    ])('stores no value, and is told of invalidations all the same: %s', async (_, maxBytes) => {
      const server = await startRedis();
      cleanups.push(() => server.stop());
      const connect = async () => {
        const redis = new Redis(server.url);
        const store = createRedisRemoteStore({ redis, maxBytes, timeoutMs: 5_000 });
        cleanups.push(async () => {
          await store.close();
          redis.disconnect();
        });
        await soon(() => store.state === 'ready', 'the store');
        return { redis, store };
      };
      const { redis, store } = await connect();
      const { generations } = await store.look(keyOf(1), ['shop.a']);
      const entry = { key: keyOf(1), bytes: Buffer.alloc(10), ttlMs: 60_000, generations };
      await expect(store.store(entry)).resolves.toBe('stored');
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.config('SET', 'maxmemory', '1');
      for (const key of [keyOf(1), keyOf(2)]) {
        await expect(store.store({ ...entry, key })).rejects.toMatchObject({
          code: 'REMOTE_FAILED',
          details: { reason: 'refused' },
        });
      }
      // One that connects only now is heard as well.
      const { store: late } = await connect();
      const [moved] = await late.invalidate([{ namespace: 'shop.a' }, { namespace: 'shop.new' }]);
      expect(moved?.id).not.toBe(generations[0]?.id);
      expect((await store.generations(['shop.a']))[0]?.id).toBe(moved?.id);
    });
  },
);

describe('generations of another format', () => {
  it('are left alone, and their server is not used', async () => {
    const keyPrefix = `format-${randomUUID()}`;
    const redis = new Redis(inject('redisCacheUrl'));
    const key = `{${keyPrefix}}:generations`;
    await redis.hset(key, '@format', '2', 'shop.a', 'of the future');
    const store = createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000 });
    cleanups.push(async () => {
      await store.close();
      redis.disconnect();
    });
    const asked = vi.spyOn(redis, 'callBuffer');
    await soon(() => asked.mock.calls.length > 5);
    expect(store.state).toBe('away');
    await expect(store.generations(['shop.a'])).rejects.toMatchObject({
      details: { operation: 'generations', reason: 'away' },
    });
    expect(await redis.hgetall(key)).toEqual({ '@format': '2', 'shop.a': 'of the future' });
  });
});

describe('a server that is another run of itself', () => {
  it('has other generations for every collection, whatever their databases are called', async () => {
    const { keyPrefix, redis, store } = await open();
    const namespaces = ['shop.a', '@shop.a', '@run.a', '@format.a'];
    const before = await store.generations(namespaces);
    await redis.hset(`{${keyPrefix}}:generations`, '@run', 'another');
    const again = new Redis(inject('redisCacheUrl'));
    const late = createRedisRemoteStore({ redis: again, keyPrefix, timeoutMs: 5_000 });
    cleanups.push(async () => {
      await late.close();
      again.disconnect();
    });
    await soon(() => late.state === 'ready', 'the store');
    const after = await late.generations(namespaces);
    expect(after.map(({ namespace }) => namespace)).toEqual(namespaces);
    for (const [index, { id }] of after.entries()) expect(id).not.toBe(before[index]?.id);
  });
});

describe('a value without an end', () => {
  it('is as old as can be', async () => {
    const { keyPrefix, redis, store, fill } = await open();
    await fill(keyOf(1), Buffer.alloc(10));
    await redis.persist(`{${keyPrefix}}:v1:${keyOf(1)}`);
    expect((await store.look(keyOf(1), ['shop.a'])).value?.remainingMs).toBe(0);
  });
});

describe('options', () => {
  it.each([
    [{ keyPrefix: ' ' }, 'keyPrefix'],
    [{ keyPrefix: 'a{b}' }, 'keyPrefix'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ maxBytes: 10 }, 'maxBytes'],
    [{ surprise: 1 }, 'surprise'],
    [{ redis: {} }, 'redis'],
    [{ redis: new Cluster([], { lazyConnect: true }) }, 'redis'],
  ])('that are impossible are refused: $1', (bad, option) => {
    const redis = new Redis({ lazyConnect: true });
    expect(() => createRedisRemoteStore({ redis, ...bad } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      }),
    );
  });

  it('may name a subscriber, and connections that are not connected yet', async () => {
    const url = inject('redisCacheUrl');
    const redis = new Redis(url, { lazyConnect: true });
    const subscriber = new Redis(url, { lazyConnect: true });
    const keyPrefix = `lazy-${randomUUID()}`;
    const store = createRedisRemoteStore({ redis, subscriber, keyPrefix, timeoutMs: 5_000 });
    cleanups.push(() => {
      redis.disconnect();
      subscriber.disconnect();
    });
    await soon(() => store.state === 'ready');
    const end = store.subscribe({ moved: () => {}, stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    end();
    await soon(async () => !(await hasListeners(redis, keyPrefix)));
    await store.close();
    expect([redis.status, subscriber.status]).toEqual(['ready', 'ready']);
  });
});

describe('a subscriber of its own', () => {
  it('lives as long as somebody listens, and no longer', async () => {
    const { keyPrefix, redis, store } = await open();
    const made: Redis[] = [];
    vi.spyOn(redis, 'duplicate').mockImplementation(() => {
      const own = new Redis(inject('redisCacheUrl'));
      made.push(own);
      return own;
    });
    expect(made).toHaveLength(0);
    const listener = { moved: () => {}, stateChanged: () => {} };
    const ends = [store.subscribe(listener), store.subscribe({ ...listener })];
    await soon(() => hasListeners(redis, keyPrefix));
    ends[0]?.();
    expect(made.map(({ status }) => status)).toEqual(['ready']);
    ends[1]?.();
    await soon(() => made[0]?.status === 'end');
    store.subscribe(listener);
    await soon(() => hasListeners(redis, keyPrefix));
    await store.close();
    await soon(() => made[1]?.status === 'end');
    expect(made).toHaveLength(2);
  });
});

const hasListeners = async (redis: Redis, keyPrefix: string) =>
  (await redis.pubsub('NUMSUB', `{${keyPrefix}}:moved`))[1] === 1;
