import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Intent } from '../src/index.js';
import { intentStoreConformance } from '../src/testing/index.js';
import { connect, failsWith, listed, muteWarnings, openStore } from './redis-intent-store.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';

const dayMs = 86_400_000;
const { profileId } = intent;

muteWarnings();

describe('the Redis store', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
  });
  afterAll(() => redis.disconnect());
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
