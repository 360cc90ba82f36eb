export type { InboxDocument } from './inbox-document.js';
export {
  createMongoInboxStore,
  type MongoInboxStore,
  type MongoInboxStoreOptions,
} from './mongo-inbox-store.js';
export {
  createMongoReplayStore,
  type MongoReplayStore,
  type MongoReplayStoreOptions,
  type ReplayDocument,
} from './mongo-replay-store.js';
