import type { Redis } from 'ioredis';
import type { RedisRemoteStoreOptions } from '../../src/stores/redis/index.js';
import { loadBuilt } from './build.ts';

/** The remote tier over a connection, ready to be asked. */
export const openStore = async (redis: Redis, options: Partial<RedisRemoteStoreOptions> = {}) => {
  const { createRedisRemoteStore } = await loadBuilt('stores/redis/index');
  const store = createRedisRemoteStore({ redis, ...options });
  const deadline = performance.now() + 5_000;
  while (store.state !== 'ready') {
    if (performance.now() > deadline) throw new Error('The store is not ready.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return store;
};
