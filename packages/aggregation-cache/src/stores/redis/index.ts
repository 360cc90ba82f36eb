export type { RedisClient } from './redis-connection.js';
export type { DuplicableRedisClient, RedisSubscriber } from './redis-messages.js';
export {
  createRedisRemoteStore,
  REDIS_STORE_DEFAULTS,
  type RedisRemoteStoreOptions,
} from './redis-remote-store.js';
