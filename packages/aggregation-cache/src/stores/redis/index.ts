export type { RedisClient } from './redis-connection.js';
export {
  createRedisRemoteStore,
  REDIS_STORE_DEFAULTS,
  type RedisRemoteStoreOptions,
  type RedisSubscriber,
} from './redis-remote-store.js';
