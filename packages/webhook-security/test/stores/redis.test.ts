import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ReplayStore } from '../../src/index.js';
import { createRedisReplayStore } from '../../src/stores/redis/index.js';
import { replayStoreConformance } from '../../src/testing/index.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the Redis replay store', () => {
  const keyPrefix = `test:${randomUUID()}:`;
  let redis: Redis;
  let store: ReplayStore;
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
    store = createRedisReplayStore({ redis, keyPrefix });
  });
  afterAll(async () => {
    await redis.quit();
  });

  const checks = replayStoreConformance(() => ({ store, passTime: sleep, shortMs: 1_500 }));
  it.concurrent.for(checks)('conforms: $name', ({ run }, { expect }) =>
    expect(run()).resolves.toBeUndefined(),
  );

  interface Sample {
    readonly v: number;
    readonly values: readonly { readonly value: string; readonly reads: string }[];
  }

  it.each(['redis-replay-v1.json'])('reads the stored sample %s', async (file) => {
    const sample = JSON.parse(
      readFileSync(new URL(`../samples/${file}`, import.meta.url), 'utf8'),
    ) as Sample;
    for (const [index, { value, reads }] of sample.values.entries()) {
      const name = `sample ${sample.v} ${index}`;
      await redis.set(`${keyPrefix}${name}`, value, 'PX', 60_000);
      expect(await store.claim(name, { claimMs: 1_000, token: 'mine' })).toBe(reads);
    }
  });

  it('writes what the sample of its version shows', async () => {
    await store.claim('written', { claimMs: 60_000, token: 'mine' });
    expect(await redis.get(`${keyPrefix}written`)).toBe('1:claimed:mine');
    await store.confirm('written', { keepMs: 60_000 });
    expect(await redis.get(`${keyPrefix}written`)).toBe('1:confirmed');
    expect(await redis.pttl(`${keyPrefix}written`)).toBeGreaterThan(50_000);
  });

  it.each(['2:confirmed', '10:confirmed', 'confirmed', '', '1:handled', '1:'])(
    'neither gives the value %j away nor changes it',
    async (value) => {
      const name = randomUUID();
      await redis.set(`${keyPrefix}${name}`, value, 'PX', 60_000);
      await expect(store.claim(name, { claimMs: 1_000, token: 'a' })).rejects.toMatchObject({
        code: 'STORE_FORMAT',
      });
      expect(await redis.get(`${keyPrefix}${name}`)).toBe(value);
    },
  );

  it.each(['2:claimed:mine', '10:confirmed', 'confirmed', ''])(
    'does not confirm over the value %j',
    async (value) => {
      const name = randomUUID();
      await redis.set(`${keyPrefix}${name}`, value, 'PX', 60_000);
      await expect(store.confirm(name, { keepMs: 60_000 })).rejects.toMatchObject({
        code: 'STORE_FORMAT',
      });
      expect(await redis.get(`${keyPrefix}${name}`)).toBe(value);
    },
  );

  it('refuses what is no client', () => {
    expect(() => createRedisReplayStore({ redis: {} as never })).toThrow(/^redis is an object; /);
    expect(() => createRedisReplayStore({ redis, prefix: 'mine:' } as never)).toThrow(
      /^prefix is unknown; /,
    );
  });
});
