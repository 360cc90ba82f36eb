export {
  createMongoReplayStore,
  type MongoReplayStore,
  type MongoReplayStoreOptions,
  type ReplayDocument,
} from './mongo-replay-store.js';
