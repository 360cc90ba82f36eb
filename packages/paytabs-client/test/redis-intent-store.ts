import { randomUUID } from 'node:crypto';
import type {} from '@nestcms/testbed';
import { Redis, type RedisOptions } from 'ioredis';
import { afterEach, beforeEach, expect, inject, onTestFinished, vi } from 'vitest';
import {
  RedisIntentStore,
  type RedisIntentStoreOptions,
  type UnreadableIntent,
} from '../src/stores/redis/index.js';
import { sampleIntent } from './sample-intent.js';

const { profileId } = sampleIntent;

/** A connection for one test. */
export const connect = (url: string, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis => {
  const redis = new Redis(url, options);
  onTestFinished(() => redis.disconnect());
  return redis;
};

/** A store for one test, under a prefix of its own, and a look at what lies under it. */
export const openStore = (options: Partial<RedisIntentStoreOptions> = {}) => {
  const redis = connect(inject('redisStateUrl'));
  const keyPrefix = `test-${randomUUID()}`;
  onTestFinished(async () => {
    const keys = await redis.keys(`*${keyPrefix}*`);
    if (keys.length > 0) await redis.del(keys);
  });
  const told: UnreadableIntent[] = [];
  const onUnreadable = (unreadable: UnreadableIntent) => told.push(unreadable);
  const reopen = () => new RedisIntentStore({ redis, keyPrefix, onUnreadable, ...options });
  return {
    store: reopen(),
    reopen,
    told,
    keyOf: (cartId: string) => `${keyPrefix}:{${profileId}}:intent:${cartId}`,
    dueKey: `${keyPrefix}:{${profileId}}:due:2`,
  };
};

export const failsWith = (message: string) => ({
  code: 'INTENT_STORE_FAILED',
  message: expect.stringContaining(message),
});

export const listed = async (store: RedisIntentStore, limit = 100) => {
  const due = await store.listDue({ profileId, dueBefore: new Date('2026-09-14'), limit });
  return due.map(({ cartId }) => cartId);
};

/** The test bed's servers have no append-only file, and the store says so: not in these tests. */
export function muteWarnings(): void {
  beforeEach(() => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
