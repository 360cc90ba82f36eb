export { createRedisInboxStore, type RedisInboxStoreOptions } from './redis-inbox-store.js';
export {
  createRedisReplayStore,
  type RedisCommands,
  type RedisReplayStoreOptions,
} from './redis-replay-store.js';
