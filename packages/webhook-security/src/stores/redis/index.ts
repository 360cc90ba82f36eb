export {
  createRedisReplayStore,
  type RedisCommands,
  type RedisReplayStoreOptions,
} from './redis-replay-store.js';
