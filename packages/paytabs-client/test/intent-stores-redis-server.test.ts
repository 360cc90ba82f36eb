import { randomUUID } from 'node:crypto';
import { FOREIGN_SERVERS_REASON, startRedis, usesForeignServers } from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { isPayTabsError, money } from '../src/index.js';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { connect, failsWith, listed, muteWarnings, openStore } from './redis-intent-store.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const dayMs = 86_400_000;
const { profileId } = intent;

muteWarnings();

describe('the Redis store and its client', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
  });
  afterAll(() => redis.disconnect());

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
    onTestFinished(() => warned.mockRestore());
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
    onTestFinished(() => now.mockRestore());
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
