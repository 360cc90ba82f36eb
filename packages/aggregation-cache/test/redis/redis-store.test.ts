import { randomUUID } from 'node:crypto';
import { FOREIGN_SERVERS_REASON, startRedis, usesForeignServers } from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { Timestamp } from 'mongodb';
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
    await soon(async () => (await redis.exists(`{${keyPrefix}}:v3:${keyOf(19)}`)) === 0);
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
  it("'s value of another type is none, and it is told of when a value takes its place", async () => {
    const { keyPrefix, redis, store, fill } = await open();
    await redis.rpush(`{${keyPrefix}}:v3:${keyOf(1)}`, 'a list');
    expect((await store.look(keyOf(1), ['shop.a'])).value).toBeUndefined();
    expect(await fill(keyOf(1), Buffer.from('one'))).toBe('replaced');
    expect(await fill(keyOf(1), Buffer.from('two'))).toBe('stored');
    expect(String((await store.look(keyOf(1), ['shop.a'])).value?.bytes)).toBe('two');
  });

  it("'s messages on the channel are not heard", async () => {
    const { keyPrefix, redis, store } = await open();
    const heard: unknown[] = [];
    store.subscribe({ moved: (generations) => heard.push(generations), stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    const head = `2${'a'.repeat(32)}${'0'.repeat(14)}`;
    const hostile = [
      '',
      'hello',
      '1',
      '2',
      head.slice(0, -1),
      `2${'A'.repeat(32)}${'0'.repeat(14)}`,
      `${head}zzzz`,
      `${head}ffffffff`,
      `${head}00000003abc00000001`,
      `${head}00000003abc`,
      `${head}00000003abc00000003abc`,
      // A length below zero, which would lead back to itself for ever.
      `${head}-0000008`,
    ];
    for (const message of hostile) {
      await redis.publish(`{${keyPrefix}}:moved`, message);
    }
    await store.invalidate([{ dependency: 'shop.last' }]);
    await soon(() => heard.length > 0);
    expect(heard).toHaveLength(1);
  });

  it("'s messages with a time that is none are heard without one", async () => {
    const { keyPrefix, redis, store } = await open();
    const heard: unknown[] = [];
    store.subscribe({ moved: (generations) => heard.push(generations), stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    // A time that is no number, and a signed time that is no BSON.
    const head = `2${'a'.repeat(32)}${'0'.repeat(14)}`;
    await redis.publish(`{${keyPrefix}}:moved`, `${head}00000001a00000030${'z'.repeat(48)}`);
    await redis.publish(`{${keyPrefix}}:moved`, `${head}00000001a00000033${'0'.repeat(48)}zzz`);
    await soon(() => heard.length > 1);
    expect(heard).toEqual([
      [{ dependency: 'a', id: 'z'.repeat(32), after: undefined }],
      [{ dependency: 'a', id: '0'.repeat(32), after: undefined }],
    ]);
  });

  it('who wiped the scripts is no trouble', async () => {
    const { redis, store } = await open();
    await redis.script('FLUSH');
    await expect(store.generations(['shop.a'])).resolves.toHaveLength(1);
  });

  it('who put garbage in place of generations has made them void, and nothing else', async () => {
    const { keyPrefix, redis, store, fill } = await open();
    await fill(keyOf(1), Buffer.alloc(10));
    const key = `{${keyPrefix}}:g:shop.a`;
    const ids = new Set((await store.generations(['shop.a'])).map(({ id }) => id));
    const garbage: (() => Promise<unknown>)[] = [
      () => redis.set(key, 'short'),
      () => redis.set(key, 'Z'.repeat(64)),
      () => redis.set(key, Buffer.alloc(64, 0xff)),
      () => redis.del(key).then(() => redis.rpush(key, 'a list')),
    ];
    for (const [index, put] of garbage.entries()) {
      await put();
      const [generation] = await store.generations(['shop.a']);
      expect(generation?.id).toMatch(/^[0-9a-f]{32}$/);
      expect(ids.add(generation?.id ?? '').size).toBe(index + 2);
      expect(await fill(keyOf(1), Buffer.alloc(10))).toBe('stored');
    }
  });

  it("'s value under a lease is not believed", async () => {
    const { keyPrefix, redis, store } = await open();
    await redis.set(`{${keyPrefix}}:l:a`, 'somebody');
    await expect(store.lease({ key: 'a', ttlMs: 60_000 })).resolves.toMatchObject({
      granted: true,
    });
    await redis.rpush(`{${keyPrefix}}:l:b`, 'a list');
    await expect(store.lease({ key: 'b', ttlMs: 60_000 })).rejects.toMatchObject({
      details: { operation: 'lease', reason: 'refused' },
    });
  });

  it('who broke the state is told as a refusal', async () => {
    const { keyPrefix, redis, store } = await open();
    await redis.set(`{${keyPrefix}}:state`, 'text');
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
      // What was never named before can be asked for, though nothing can be stored under it.
      const { generations: unknown } = await store.look(keyOf(3), ['shop.a', 'shop.unknown']);
      expect(unknown[0]).toEqual(generations[0]);
      expect(unknown[1]?.id).toMatch(/^[0-9a-f]{32}$/);
      const answer = await store.lease({ key: 'l', ttlMs: 60_000 });
      if (!answer.granted) throw new Error('It is held.');
      await expect(store.store({ ...entry, lease: answer.lease })).rejects.toMatchObject({
        details: { reason: 'refused' },
      });
      expect((await store.lease({ key: 'l', ttlMs: 60_000 })).granted).toBe(true);
      // One that connects only now is heard as well.
      const { store: late } = await connect();
      const [moved] = await late.invalidate([{ dependency: 'shop.a' }, { dependency: 'shop.new' }]);
      expect(moved?.id).not.toBe(generations[0]?.id);
      expect((await store.generations(['shop.a']))[0]?.id).toBe(moved?.id);
    });
  },
);

describe('state of another format', () => {
  it('is left alone, and its server is not used', async () => {
    const keyPrefix = `format-${randomUUID()}`;
    const redis = new Redis(inject('redisCacheUrl'));
    const key = `{${keyPrefix}}:state`;
    await redis.hset(key, 'format', '3', 'epoch', 'of the future');
    const asked = vi.spyOn(redis, 'callBuffer');
    const store = createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000 });
    cleanups.push(async () => {
      await store.close();
      redis.disconnect();
    });
    await soon(() => asked.mock.calls.length > 3);
    expect(store.state).toBe('away');
    await expect(store.generations(['shop.a'])).rejects.toMatchObject({
      details: { operation: 'generations', reason: 'away' },
    });
    expect(await redis.hgetall(key)).toEqual({ format: '3', epoch: 'of the future' });
  });
});

describe('a server that is another run of itself', () => {
  it('is noticed by the next command, adopted, and everything older is void', async () => {
    const { keyPrefix, redis, store } = await open();
    const token = { operationTime: new Timestamp({ t: 1_700_000_000, i: 7 }) };
    await store.invalidate([{ dependency: '*', after: token }]);
    const [before] = await store.generations(['*']);
    expect(before?.after).toEqual(token);
    const states: string[] = [];
    store.subscribe({ moved: () => {}, stateChanged: (state) => states.push(state) });
    // As after a failover: the data say that they were another server's.
    await redis.hset(`{${keyPrefix}}:state`, 'run', 'another');
    const late = createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000 });
    cleanups.push(() => late.close());
    await soon(() => late.state === 'ready', 'the store');
    const [after] = await late.generations(['*']);
    expect(after?.id).not.toBe(before?.id);
    // Nobody knows what was lost with it.
    expect(after?.after).toBeUndefined();
    expect((await store.position()).epoch).toBe(after?.id);
    expect(states).toEqual([]);
  });
});

describe('an invalidation', () => {
  it('takes no time over that no write had', async () => {
    const { keyPrefix, redis, store } = await open();
    const far = '7fffffff00000001';
    const sane = { operationTime: new Timestamp({ t: 1_700_000_000, i: 7 }) };
    await store.generations(['shop.a']);
    await redis.hset(`{${keyPrefix}}:state`, 'newest', far);
    await redis.append(`{${keyPrefix}}:g:shop.a`, far);
    expect((await store.generations(['shop.new']))[0]?.after).toBeUndefined();
    const [moved] = await store.invalidate([{ dependency: 'shop.a', after: sane }]);
    expect(moved?.after).toEqual(sane);
    expect((await store.generations(['shop.newer']))[0]?.after).toEqual(sane);
  });

  it('keeps nothing about what nobody has asked for', async () => {
    const { keyPrefix, redis, store } = await open();
    await store.generations(['shop.asked']);
    const names = ['shop.asked', 'd:shop.a:1', 'd:shop.a:2'];
    const moved = await store.invalidate(names.map((dependency) => ({ dependency })));
    expect(moved.map(({ dependency }) => dependency)).toEqual(names);
    expect(await redis.keys(`{${keyPrefix}}:g:*`)).toEqual([`{${keyPrefix}}:g:shop.asked`]);
  });

  it('moves one that is named twice once, to the later time', async () => {
    const { store } = await open();
    await store.generations(['shop.a']);
    const [earlier, later] = [1, 2].map((i) => ({
      operationTime: new Timestamp({ t: 1_700_000_000, i }),
    }));
    const moved = await store.invalidate([
      { dependency: 'shop.a', after: later },
      { dependency: 'shop.a', after: earlier },
    ]);
    const [seen] = await store.generations(['shop.a']);
    expect(moved).toEqual([seen, seen]);
    expect(seen?.after).toEqual(later);
  });

  it('is announced with all that moved, whether or not it is kept', async () => {
    const { keyPrefix, redis, store } = await open();
    const heard: string[] = [];
    store.subscribe({
      moved: (generations) => heard.push(...generations.map(({ dependency }) => dependency)),
      stateChanged: () => {},
    });
    await soon(() => hasListeners(redis, keyPrefix));
    await store.invalidate([{ dependency: 'd:shop.a:1' }, { dependency: '*' }]);
    await soon(() => heard.length > 0);
    expect(heard).toEqual(['d:shop.a:1', '*']);
  });
});

describe('generations and progress', () => {
  it('live for a month, and the state for ever', async () => {
    const { keyPrefix, redis, store } = await open();
    await store.generations(['shop.a']);
    await store.invalidate([{ dependency: 'shop.a' }]);
    const answer = await store.lease({ key: 'leader', ttlMs: 60_000 });
    if (answer.granted) await store.saveProgress(answer.lease, Buffer.from('far'));
    const lives = async (name: string) =>
      Math.round((await redis.pttl(`{${keyPrefix}}:${name}`)) / 86_400_000);
    expect(await lives('g:shop.a')).toBe(31);
    expect(await lives('p:leader')).toBe(31);
    expect(await redis.pttl(`{${keyPrefix}}:state`)).toBe(-1);
  });
});

describe('a lease', () => {
  it('wakes nobody if nobody asked for it meanwhile', async () => {
    const { keyPrefix, redis, store } = await open();
    const woken: string[] = [];
    store.subscribe({ moved: () => {}, woken: (key) => woken.push(key), stateChanged: () => {} });
    await soon(() => hasListeners(redis, keyPrefix));
    for (const key of ['alone', 'wanted']) {
      const answer = await store.lease({ key, ttlMs: 60_000 });
      if (key === 'wanted') await store.lease({ key, ttlMs: 60_000 });
      if (answer.granted) await store.release(answer.lease);
    }
    await soon(() => woken.length > 0);
    expect(woken).toEqual(['wanted']);
  });

  it('is ended when the value cannot be stored', async () => {
    const { keyPrefix, redis, store } = await open({ maxBytes: 65_536 });
    const { generations } = await store.look(keyOf(1), ['shop.a']);
    const entry = { key: keyOf(1), ttlMs: 60_000, generations };
    for (const bytes of [Buffer.alloc(70_000), Buffer.alloc(10)]) {
      const answer = await store.lease({ key: 'l', ttlMs: 60_000 });
      if (!answer.granted) throw new Error('It is held.');
      await store.store({ ...entry, bytes, lease: answer.lease });
      expect(await redis.exists(`{${keyPrefix}}:l:l`)).toBe(0);
    }
  });
});

describe('looks of one turn', () => {
  it('are two commands for 32 of them', async () => {
    const { redis, store, fill } = await open();
    await fill(keyOf(1), Buffer.from('one'));
    const asked = vi.spyOn(redis, 'callBuffer');
    const looks = await Promise.all(
      Array.from({ length: 70 }, (_, index) => store.look(keyOf(index), ['*', 'shop.a'])),
    );
    expect(asked.mock.calls.map(([command]) => command)).toEqual(
      Array.from({ length: 3 }, () => ['MGET', 'EVALSHA']).flat(),
    );
    expect(looks.filter(({ value }) => value !== undefined)).toHaveLength(1);
    expect(String(looks[1]?.value?.bytes)).toBe('one');
  });

  it('read a value before the generations that vouch for it', async () => {
    const { redis, store, fill } = await open();
    await fill(keyOf(1), Buffer.from('one'));
    const { generations } = await store.look(keyOf(1), ['shop.a']);
    const ask = redis.callBuffer.bind(redis);
    // Somebody invalidates between the two.
    vi.spyOn(redis, 'callBuffer').mockImplementation(async (command, args) => {
      if (command !== 'EVALSHA') return ask(command, args);
      vi.restoreAllMocks();
      await store.invalidate([{ dependency: 'shop.a' }]);
      return ask(command, args);
    });
    const look = await store.look(keyOf(1), ['shop.a']);
    expect(String(look.value?.bytes)).toBe('one');
    expect(look.generations[0]?.id).not.toBe(generations[0]?.id);
  });

  it('are more commands where they depend on very much', async () => {
    const { redis, store } = await open();
    const asked = vi.spyOn(redis, 'callBuffer');
    const many = (start: string) => Array.from({ length: 700 }, (_, index) => `${start}${index}`);
    const looks = await Promise.all([store.look('a', many('a')), store.look('b', many('b'))]);
    expect(asked).toHaveBeenCalledTimes(4);
    expect(looks.map(({ generations }) => generations.length)).toEqual([700, 700]);
  });
});

describe('the end of a value', () => {
  const lookAfter = async (prefix: string) => {
    const { keyPrefix, redis, store } = await open();
    await redis.set(`{${keyPrefix}}:v3:${keyOf(1)}`, `${prefix}bytes`);
    return (await store.look(keyOf(1), ['shop.a'])).value;
  };

  it('lies before it, so that it has it though Redis was made to forget it', async () => {
    const { keyPrefix, redis, store, fill } = await open();
    await fill(keyOf(1), Buffer.alloc(10));
    await redis.persist(`{${keyPrefix}}:v3:${keyOf(1)}`);
    const { value } = await store.look(keyOf(1), ['shop.a']);
    expect(value?.remainingMs).toBeGreaterThan(50_000);
    expect(value?.remainingMs).toBeLessThanOrEqual(60_000);
  });

  it('that is over, or cannot be read, makes it as old as can be', async () => {
    expect(await lookAfter('1700000000000'.padStart(16, '0'))).toMatchObject({ remainingMs: 0 });
    expect(await lookAfter('somebody else is')).toMatchObject({ remainingMs: 0 });
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
    [{ subscriber: {} }, 'subscriber'],
    [{ clock: {} }, 'clock'],
  ])('that are impossible are refused: $1', (bad, option) => {
    const redis = new Redis({ lazyConnect: true });
    expect(() => createRedisRemoteStore({ redis, ...bad } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      }),
    );
  });

  it('are refused when the subscriber is the client for commands, which could send none any more', async () => {
    const { redis } = await open();
    expect(() => createRedisRemoteStore({ redis, subscriber: redis })).toThrow(
      /a client of its own/,
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
