export type { OnUnreadable, UnreadableIntent } from '../collect-due.js';
export {
  MONGO_INTENT_STORE_DEFAULTS,
  MongoIntentStore,
  type MongoIntentStoreOptions,
} from './mongo-intent-store.js';
