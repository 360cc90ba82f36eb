import type { RedisCluster, RedisSentinel } from '@nestcms/testbed';
import { Cluster, Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { RemoteState, RemoteStore } from '../../src/ports/remote-store.js';
import {
  createRedisRemoteStore,
  type RedisRemoteStoreOptions,
} from '../../src/stores/redis/index.js';
import { soon } from './soon.js';

export interface OpenStore {
  readonly store: RemoteStore;
  readonly states: readonly RemoteState[];
  readonly close: () => Promise<void>;
}

const openOver = async (
  redis: Redis | Cluster,
  options: Partial<RedisRemoteStoreOptions>,
): Promise<OpenStore> => {
  redis.on('error', () => {});
  const store = createRedisRemoteStore({ redis, timeoutMs: 500, ...options });
  const states: RemoteState[] = [];
  store.subscribe({ moved: () => {}, stateChanged: (state) => states.push(state) });
  const close = async () => {
    await store.close();
    redis.disconnect();
  };
  onTestFinished(close);
  await soon(() => store.state === 'ready', 'the store');
  return { store, states, close };
};

/** As an application connects through Sentinel. */
export const openSentinelStore = (
  set: RedisSentinel,
  options: Partial<RedisRemoteStoreOptions> = {},
): Promise<OpenStore> =>
  openOver(
    new Redis({ ...set.clientOptions, sentinelRetryStrategy: () => 50, retryStrategy: () => 50 }),
    options,
  );

/** As an application connects to a cluster. */
export const openClusterStore = (
  cluster: RedisCluster,
  options: Partial<RedisRemoteStoreOptions> = {},
): Promise<OpenStore> =>
  openOver(
    new Cluster(
      cluster.nodes.map(({ server: { host, port } }) => ({ host, port })),
      { clusterRetryStrategy: () => 50, slotsRefreshTimeout: 500 },
    ),
    options,
  );
