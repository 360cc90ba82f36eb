import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FOREIGN_SERVERS_REASON, startRedis, usesForeignServers } from '@nestcms/testbed';
import { Redis, type RedisOptions } from 'ioredis';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { type Intent, isPayTabsError, money } from '../src/index.js';
import {
  RedisIntentStore,
  type RedisIntentStoreOptions,
  type UnreadableIntent,
} from '../src/stores/redis/index.js';
import { intentStoreConformance } from '../src/testing/index.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const dayMs = 86_400_000;
const { profileId } = intent;

const failsWith = (message: string, more: object = {}) => ({
  code: 'INTENT_STORE_FAILED',
  message: expect.stringContaining(message),
  ...more,
});

const listed = async (store: RedisIntentStore, limit?: number) => {
  const dueBefore = new Date('2026-09-14');
  const due = await store.listDue({ profileId, dueBefore, ...(limit && { limit }) });
  return due.map(({ cartId }) => cartId);
};

const connect = (url: string, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis => {
  const redis = new Redis(url, options);
  onTestFinished(() => redis.disconnect());
  return redis;
};

beforeEach(() => {
  // The test bed's servers have no append-only file, and the store says so.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the Redis store', () => {
  const prefixes: string[] = [];
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
  });
  afterAll(async () => {
    for (const prefix of prefixes) {
      const keys = await redis.keys(`${prefix}*`);
      if (keys.length > 0) await redis.del(keys);
    }
    redis.disconnect();
  });

  const openStore = (options: Partial<RedisIntentStoreOptions> = {}) => {
    const keyPrefix = `test-${randomUUID()}`;
    prefixes.push(keyPrefix);
    const told: UnreadableIntent[] = [];
    const open = () =>
      new RedisIntentStore({
        redis,
        keyPrefix,
        onUnreadable: (unreadable) => told.push(unreadable),
        ...options,
      });
    const keyOf = (cartId: string) => `${keyPrefix}:{${profileId}}:intent:${cartId}`;
    const dueKey = `${keyPrefix}:{${profileId}}:due:2`;
    return { store: open(), reopen: open, told, keyOf, dueKey };
  };
  const change = async (key: string, changes: object) => {
    const record = JSON.parse((await redis.get(key)) as string);
    await redis.set(key, JSON.stringify({ ...record, ...changes }));
  };

  it.each(intentStoreConformance.map((check) => [check.name, check] as const))(
    '%s',
    async (_, check) => {
      const { store, reopen } = openStore();
      await expect(check.run(store, reopen)).resolves.toBeUndefined();
    },
  );

  it.each(intentStoreConformance.map((check) => [check.name, check] as const))(
    'with a client that gathers commands, gives numbers as texts and prefixes keys: %s',
    async (_, check) => {
      const keyPrefix = `test-${randomUUID()}:`;
      prefixes.push(keyPrefix);
      const more = { keyPrefix, enableAutoPipelining: true, stringNumbers: true };
      const { store, reopen } = openStore({ redis: connect(inject('redisStateUrl'), more) });
      await expect(check.run(store, reopen)).resolves.toBeUndefined();
    },
  );

  it('writes the format its sample shows, and reads that sample', async () => {
    const url = new URL('samples/redis-intent-v2.json', import.meta.url);
    const sample = JSON.parse(readFileSync(url, 'utf8'));
    const { store, keyOf } = openStore();
    await redis.set(keyOf('refund-1001-1'), JSON.stringify(sample));
    const read = (await store.find({ profileId, cartId: 'refund-1001-1' })) as Intent;
    const total = { minor: 4950n, currency: 'AED' };
    expect(read).toMatchObject({
      v: 2,
      amount: total,
      sendBefore: new Date('2026-09-13T08:00:30Z'),
      state: { name: 'done', seen: { tranRef: 'TST2625600001240', status: 'A', total } },
      dueAt: new Date('2026-09-13T08:01:01Z'),
    });

    const again = openStore();
    await again.store.begin({ ...read, revision: 0, state: { name: 'begun' } });
    expect(await again.store.replace(read)).toBe(true);
    const stored = JSON.parse((await redis.get(again.keyOf(read.cartId))) as string);
    expect(stored).toEqual({ ...sample, token: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await redis.zscore(again.dueKey, read.cartId)).toBe(String(read.dueAt?.getTime()));
  });

  it('keeps references with any character apart, in a client with a prefix of its own as well', async () => {
    const keyPrefix = `test-${randomUUID()}{x}:`;
    prefixes.push(keyPrefix);
    for (const client of [redis, connect(inject('redisStateUrl'), { keyPrefix })]) {
      const { store } = openStore({ redis: client });
      const all = ['a:b', '{a}', '}{', '*', 'a\\"b', '%s', "'", ' ', 'ا', '🛒', '\u0000', '\ud800'];
      const dueAt = (index: number) => new Date(Date.UTC(2026, 8, 13, 8, 0, index));
      for (const [index, cartId] of all.entries()) {
        await store.begin({ ...intent, cartId, dueAt: dueAt(index) });
      }
      // Half a pair has no form of its own at Redis, and may not stand for another one.
      const readable = all.filter((cartId) => cartId !== '\ud800');
      expect(await listed(store)).toEqual(readable);
      for (const cartId of readable) {
        expect((await store.find({ profileId, cartId }))?.cartId).toBe(cartId);
      }
      await expect(store.begin({ ...intent, cartId: '\ufffd' })).rejects.toMatchObject({
        code: 'REFERENCE_REUSED',
      });
      await expect(store.find({ profileId, cartId: '\ufffd' })).rejects.toMatchObject(
        failsWith('another intent'),
      );
    }
  });

  const foreignData: readonly [string, (key: string) => Promise<unknown>, string][] = [
    ['another version', (key) => change(key, { v: 3 }), 'field "v"'],
    ['an unknown state', (key) => change(key, { state: { name: 'paid' } }), 'field "state.name"'],
    ['a broken amount', (key) => change(key, { amount: { minor: '1.5' } }), 'field "amount.minor"'],
    ['no JSON', (key) => redis.set(key, 'x{'), 'no JSON'],
    ['other JSON', (key) => redis.set(key, 'null'), 'format'],
    ['another reference', (key) => change(key, { cartId: 'order-2' }), 'another intent'],
    ['another profile', (key) => change(key, { profileId: 1 }), 'another intent'],
  ];
  it.each(foreignData)(
    'finds, lists, replaces and overwrites no %s',
    async (_, damage, message) => {
      const { store, told, keyOf } = openStore();
      await store.begin(intent);
      await store.begin({ ...intent, cartId: 'next', dueAt: new Date('2026-09-13T09:00:00Z') });
      const key = keyOf(intent.cartId);
      await damage(key);
      const before = await redis.get(key);
      const { cartId } = intent;
      await expect(store.find(intent)).rejects.toMatchObject(failsWith(message));
      await expect(store.begin(intent)).rejects.toMatchObject({ code: 'REFERENCE_REUSED', cartId });
      expect(await store.replace({ ...notSent(intent), revision: 7 })).toBe(false);
      expect(await redis.get(key)).toBe(before);
      expect(await listed(store, 1)).toEqual(['next']);
      expect(told).toMatchObject([{ cartId, error: failsWith(message) }]);
    },
  );

  it('replaces no intent of another version, and nothing that is no JSON', async () => {
    const { store, keyOf } = openStore();
    await store.begin(intent);
    await change(keyOf(intent.cartId), { v: 3 });
    expect(await store.replace(notSent(intent))).toBe(false);
    await redis.set(keyOf(intent.cartId), '"text"');
    expect(await store.replace(notSent(intent))).toBe(false);
  });

  it('meets something else than a text with its own error, and what was evicted with a word', async () => {
    const { store, told, keyOf } = openStore();
    for (const cartId of ['list', 'gone', 'fine']) await store.begin({ ...intent, cartId });
    await redis.del(keyOf('list'), keyOf('gone'));
    await redis.rpush(keyOf('list'), 'item');
    const list = { ...intent, cartId: 'list' };
    await expect(store.find(list)).rejects.toMatchObject({ code: 'INTENT_STORE_FAILED' });
    await expect(store.replace(notSent(list))).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cartId: 'list',
    });
    await expect(store.begin(list)).rejects.toMatchObject({ code: 'REFERENCE_REUSED' });
    expect(await listed(store, 2)).toEqual(['fine']);
    expect(told).toMatchObject([
      { cartId: 'gone', error: failsWith('evicted or deleted') },
      { cartId: 'list', error: failsWith('no JSON') },
    ]);
  });

  it('writes nothing at all where its list of what is due is something else', async () => {
    const { store, keyOf, dueKey } = openStore();
    await redis.set(dueKey, 'text');
    await expect(store.begin(intent)).rejects.toMatchObject({ code: 'INTENT_STORE_FAILED' });
    expect(await redis.exists(keyOf(intent.cartId))).toBe(0);
  });

  it('works on when all scripts were forgotten', async () => {
    const { store } = openStore();
    await store.begin(intent);
    await redis.script('FLUSH');
    expect(await store.replace(notSent(intent))).toBe(true);
    expect(await listed(store)).toEqual([intent.cartId]);
  });

  it('knows a command that was sent twice, after its connection broke, as one', async () => {
    const twice = {
      eval: async (script: string, count: number, ...rest: string[]) => {
        await redis.eval(script, count, ...rest);
        return redis.eval(script, count, ...rest);
      },
      pipeline: (commands: unknown[][]) => redis.pipeline(commands),
    };
    const { store } = openStore({ redis: twice });
    await store.begin(intent);
    await expect(store.begin(intent)).rejects.toMatchObject({ code: 'REFERENCE_REUSED' });
    expect(await store.replace(notSent(intent))).toBe(true);
    expect(await store.replace(notSent(intent))).toBe(false);
  });

  it('keeps what has ended for ever, or as long as it is told once it was acknowledged', async () => {
    const unlimited = openStore();
    const limited = openStore({ keepEndedMs: 30 * dayMs });
    const ended = notSent(intent);
    const { dueAt: _, ...settled } = { ...ended, revision: 2, acknowledged: true };
    const keptFor = async ({ store, keyOf }: ReturnType<typeof openStore>) => {
      const kept: number[] = [];
      const look = async () => kept.push(await redis.pttl(keyOf(intent.cartId)));
      await store.begin(intent);
      await look();
      for (const next of [ended, settled, { ...settled, revision: 3, acknowledged: false }]) {
        expect(await store.replace(next)).toBe(true);
        await look();
      }
      return kept;
    };
    expect(await keptFor(unlimited)).toEqual([-1, -1, -1, -1]);
    const [begun, told, acknowledged, corrected] = await keptFor(limited);
    expect([begun, told, corrected]).toEqual([-1, -1, -1]);
    expect(acknowledged).toBeGreaterThan(30 * dayMs - 60_000);
    expect(acknowledged).toBeLessThanOrEqual(30 * dayMs);
  });

  it('ends at its time limit, whatever the client waits for, and sends nothing after that', async () => {
    const silent = { eval: vi.fn(() => new Promise(() => {})), pipeline: vi.fn() };
    const { store } = openStore({ redis: silent, timeoutMs: 50 });
    const late = failsWith('within 50 ms; what it was sent may still be carried out');
    await expect(store.begin(intent)).rejects.toMatchObject({ ...late, cartId: intent.cartId });
    await expect(store.replace(notSent(intent))).rejects.toMatchObject(late);
    await expect(store.find(intent)).rejects.toMatchObject(late);
    await expect(listed(store)).rejects.toMatchObject(late);
    expect(silent.eval).toHaveBeenCalledTimes(4);

    const answers: (() => void)[] = [];
    const slow = vi.fn(
      () => new Promise((resolve) => answers.push(() => resolve(['noeviction', '1']))),
    );
    const other = openStore({ redis: { eval: slow, pipeline: vi.fn() }, timeoutMs: 50 });
    await expect(other.store.begin(intent)).rejects.toMatchObject(late);
    for (const answer of answers) answer();
    await new Promise(setImmediate);
    expect(slow).toHaveBeenCalledTimes(1);
  });

  it('tells the reason of the client without the command it was given', async () => {
    const refusal = Object.assign(new Error('READONLY You cannot write'), {
      name: 'ReplyError',
      command: { name: 'eval', args: ['script'] },
    });
    const { store } = openStore({
      redis: { eval: () => Promise.reject(refusal), pipeline: vi.fn() },
    });
    const error = await store.replace(notSent(intent)).catch((reason: unknown) => reason);
    expect(isPayTabsError(error, 'INTENT_STORE_FAILED')).toBe(true);
    expect(error).toMatchObject({ cause: { name: 'ReplyError', message: refusal.message } });
    expect((error as Error).cause).not.toHaveProperty('command');
  });

  it.each([
    ['redis', undefined],
    ['redis', { eval: () => {} }],
    ['keyPrefix', 'a{b}'],
    ['keyPrefix', ''],
    ['timeoutMs', 0],
    ['timeoutMs', 600_001],
    ['waitForReplicas', -1],
    ['waitForReplicas', 1.5],
    ['replicaTimeoutMs', 5_001],
    ['keepEndedMs', dayMs - 1],
    ['whenEvicting', 'ignore'],
    ['onUnreadable', 'log'],
    ['options', { keyprefix: 'x' }],
  ])('refuses an impossible %s', (name, value) => {
    const given = name === 'options' ? (value as object) : { [name]: value };
    expect(() => new RedisIntentStore({ redis, ...given } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`${name}: `),
      }),
    );
  });

  it('lists among a hundred thousand without looking at them', async () => {
    const { store, keyOf, dueKey } = openStore();
    await store.begin(intent);
    const text = (await redis.get(keyOf(intent.cartId))) as string;
    const later = Date.UTC(2030, 0, 1);
    for (let from = 0; from < 100_000; from += 10_000) {
      const pipeline = redis.pipeline();
      for (let index = from; index < from + 10_000; index += 1) {
        const cartId = `many-${index}`;
        pipeline.set(keyOf(cartId), text.replace(intent.cartId, cartId));
        pipeline.zadd(dueKey, later, cartId);
      }
      await pipeline.exec();
    }
    const callsOf = async (command: string) => {
      const stats = await redis.info('commandstats');
      return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    };
    const before = await callsOf('get');
    expect(await listed(store)).toEqual([intent.cartId]);
    expect((await callsOf('get')) - before).toBeLessThan(100);
    const everything = await store.listDue({
      profileId,
      dueBefore: new Date(later),
      limit: 10_000,
    });
    expect(everything).toHaveLength(10_000);
  });
});

describe('a Redis that may evict', () => {
  it('is found out at start and by the first begin, and refused', async () => {
    const redis = connect(inject('redisCacheUrl'));
    const keyPrefix = `test-${randomUUID()}`;
    const store = new RedisIntentStore({ redis, keyPrefix });
    const refused = failsWith('"allkeys-lru"');
    await expect(store.checkServer({ profileId })).rejects.toMatchObject(refused);
    await expect(store.begin(intent)).rejects.toMatchObject(refused);
    expect(await redis.keys(`${keyPrefix}*`)).toEqual([]);
  });

  it('is warned about once, where that was chosen', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const redis = connect(inject('redisCacheUrl'));
    const keyPrefix = `test-${randomUUID()}`;
    const store = new RedisIntentStore({ redis, keyPrefix, whenEvicting: 'warn' });
    await store.checkServer({ profileId });
    await store.checkServer({ profileId });
    await store.begin(intent);
    const texts = warned.mock.calls.map(([text]) => String(text));
    expect(texts.filter((text) => text.includes('"allkeys-lru"'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('append-only'))).toHaveLength(1);
    await redis.del(await redis.keys(`${keyPrefix}*`));
  });
});

describe.skipIf(usesForeignServers)(`a Redis of its own${foreign}`, () => {
  it('that does not say what it may do is refused like one that evicts', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const admin = connect(server.url);
    await admin.acl('SETUSER', 'shop', 'on', '>secret', '~*', '+@all', '-info');
    const redis = connect(server.url, {
      username: 'shop',
      password: 'secret',
      enableReadyCheck: false,
    });
    const store = new RedisIntentStore({ redis });
    const refused = failsWith('does not say');
    await expect(store.begin(intent)).rejects.toMatchObject(refused);
    expect(await admin.dbsize()).toBe(0);
  });

  it('is asked again after a while: another one may have taken its place', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const redis = connect(server.url);
    const store = new RedisIntentStore({ redis });
    const now = vi.spyOn(performance, 'now');
    await store.begin(intent);
    await redis.config('SET', 'maxmemory-policy', 'volatile-lru');
    await store.begin({ ...intent, cartId: 'within the minute' });
    const later = performance.now() + 61_000;
    now.mockReturnValue(later);
    await expect(store.begin({ ...intent, cartId: 'after it' })).rejects.toMatchObject(
      failsWith('"volatile-lru"'),
    );
  });

  it('whose memory is full begins nothing, and lets what is in flight end', async () => {
    const server = await startRedis({ maxmemory: '4mb' });
    onTestFinished(() => server.stop());
    const redis = connect(server.url);
    const store = new RedisIntentStore({ redis });
    await store.begin(intent);
    for (const size of [100_000, 1_000, 10]) {
      const fill = (index: number) => redis.set(`filler:${size}:${index}`, 'x'.repeat(size));
      for (let index = 0; index < 1_000; index += 1) {
        if ((await fill(index).catch(() => 'full')) === 'full') break;
      }
    }
    await expect(store.begin({ ...intent, cartId: 'new' })).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cause: { message: expect.stringContaining('OOM') },
    });
    expect(await store.find({ profileId, cartId: 'new' })).toBeUndefined();
    const ended = notSent(intent);
    expect(await store.replace(ended)).toBe(true);
    expect(await store.find(intent)).toEqual(ended);
    expect(await listed(store)).toEqual([intent.cartId]);
  });

  it('gives back amounts of any size', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const store = new RedisIntentStore({ redis: connect(server.url, { stringNumbers: true }) });
    const amount = money(2n ** 70n, 'AED');
    await store.begin({ ...intent, amount });
    expect((await store.find(intent))?.amount).toEqual(amount);
  });
});
