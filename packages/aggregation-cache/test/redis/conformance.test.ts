import { randomUUID } from 'node:crypto';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import {
  InMemoryRemote,
  type RemoteStoreFixture,
  remoteStoreConformance,
} from '../../src/testing/index.js';
import { soon } from '../support/soon.js';

const openInMemory = async (): Promise<RemoteStoreFixture> => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  return {
    one: remote.connect(),
    other: remote.connect(),
    elapse: async (ms) => clock.advance(ms),
    wipe: async () => remote.wipe(),
    close: async () => {},
  };
};

const openRedis = async (more: { maxBytes?: number } = {}): Promise<RemoteStoreFixture> => {
  const keyPrefix = `conformance-${randomUUID()}`;
  const clients = [1, 2].map(() => new Redis(inject('redisCacheUrl')));
  // A busy machine must not look like a slow Redis here.
  const stores = clients.map((redis) =>
    createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000, ...more }),
  );
  const [one, other] = stores as [(typeof stores)[number], (typeof stores)[number]];
  await soon(() => stores.every(({ state }) => state === 'ready'), 'both stores');
  const [client] = clients as [Redis, Redis];
  return {
    one,
    other,
    elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    wipe: async () => {
      const keys = await client.keys(`{${keyPrefix}}*`);
      if (keys.length > 0) await client.del(keys);
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      for (const redis of clients) redis.disconnect();
    },
  };
};

describe('the in-memory remote', () => {
  it.each(remoteStoreConformance(openInMemory))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the Redis store', () => {
  it.each(remoteStoreConformance(openRedis))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the Redis store with a budget', () => {
  const open = () => openRedis({ maxBytes: 1024 * 1024 });
  it.each(remoteStoreConformance(open))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
