import { userCollection } from './identity/user.collection.js';
import { idempotencyCollection } from './platform/idempotency/idempotency.collection.js';
import type { CollectionSpec } from './platform/mongo/schema.js';
import { outboxCollection } from './platform/outbox/outbox.collection.js';

/** Every collection of the server. They are made with their indexes before the first request is taken. */
export const collections: readonly CollectionSpec[] = [
  userCollection,
  outboxCollection,
  idempotencyCollection,
];
