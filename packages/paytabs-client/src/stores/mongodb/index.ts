export type { IntentDocument } from './intent-document.js';
export { MongoIntentStore, type MongoIntentStoreOptions } from './mongo-intent-store.js';
