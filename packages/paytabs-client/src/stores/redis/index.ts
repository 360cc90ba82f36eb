export type { OnUnreadable, UnreadableIntent } from '../collect-due.js';
export { RedisIntentStore } from './redis-intent-store.js';
export {
  REDIS_INTENT_STORE_DEFAULTS,
  type RedisIntentStoreOptions,
} from './redis-intent-store-options.js';
export type { RedisClient } from './redis-link.js';
