export {
  MONGO_INTENT_STORE_DEFAULTS,
  MongoIntentStore,
  type MongoIntentStoreOptions,
} from './mongo-intent-store.js';
