import { randomUUID } from 'node:crypto';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import {
  FOREIGN_SERVERS_REASON,
  type RedisCluster,
  type RedisSentinel,
  startRedisCluster,
  startRedisSentinel,
  usesForeignServers,
} from '@nestcms/testbed';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
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
    evict: async (dependency) => remote.evict(dependency),
    close: async () => {},
  };
};

/** Two stores over connections of their own, however those are made. */
const openRedis = async (
  connect: () => Redis | Cluster,
  more: { maxBytes?: number } = {},
): Promise<RemoteStoreFixture> => {
  const keyPrefix = `conformance-${randomUUID()}`;
  const clients = [connect(), connect()] as const;
  // A busy machine must not look like a slow Redis here.
  const stores = clients.map((redis) =>
    createRedisRemoteStore({ redis, keyPrefix, timeoutMs: 5_000, ...more }),
  );
  const [one, other] = stores as [(typeof stores)[number], (typeof stores)[number]];
  await soon(() => stores.every(({ state }) => state === 'ready'), 'both stores');
  const [client] = clients;
  return {
    one,
    other,
    elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    wipe: async () => {
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      const found = await Promise.all(nodes.map((node) => node.keys(`{${keyPrefix}}*`)));
      const keys = found.flat();
      if (keys.length > 0) await client.del(keys);
    },
    evict: async (dependency) => {
      await client.del(`{${keyPrefix}}:g:${dependency}`);
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      for (const redis of clients) redis.disconnect();
    },
  };
};

const single = () => new Redis(inject('redisCacheUrl'));

describe('the in-memory remote', () => {
  it.each(remoteStoreConformance(openInMemory))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the Redis store', () => {
  it.each(remoteStoreConformance(() => openRedis(single)))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the Redis store with a budget', () => {
  const open = () => openRedis(single, { maxBytes: 1024 * 1024 });
  it.each(remoteStoreConformance(open))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe.skipIf(usesForeignServers)(
  `the Redis store behind Sentinel (${FOREIGN_SERVERS_REASON})`,
  () => {
    let set: RedisSentinel;
    beforeAll(async () => {
      set = await startRedisSentinel();
    }, 60_000);
    afterAll(() => set.stop());
    const open = () => openRedis(() => new Redis(set.clientOptions));
    it.each(remoteStoreConformance(open))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  },
);

describe.skipIf(usesForeignServers)(
  `the Redis store in a cluster (${FOREIGN_SERVERS_REASON})`,
  () => {
    let cluster: RedisCluster;
    beforeAll(async () => {
      cluster = await startRedisCluster();
    }, 60_000);
    afterAll(() => cluster.stop());
    const open = () =>
      openRedis(
        () => new Cluster(cluster.nodes.map(({ server: { host, port } }) => ({ host, port }))),
      );
    it.each(remoteStoreConformance(open))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  },
);
