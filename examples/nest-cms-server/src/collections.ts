import { contractCollection } from './features/contracts/contract.schema.js';
import { offerCollection } from './features/offers/offer.schema.js';
import { userCollection } from './identity/user.collection.js';
import { journalCollection } from './payments/journal.js';
import { paymentCollection } from './payments/payment.document.js';
import { inboxCollection } from './payments/webhook/notice.document.js';
import { idempotencyCollection } from './platform/idempotency/idempotency.collection.js';
import type { CollectionSpec } from './platform/mongo/schema.js';
import { outboxCollection } from './platform/outbox/outbox.collection.js';

/** Every collection of the server. They are made with their indexes before the first request is taken. */
export const collections: readonly CollectionSpec[] = [
  userCollection,
  offerCollection,
  contractCollection,
  paymentCollection,
  inboxCollection,
  journalCollection,
  outboxCollection,
  idempotencyCollection,
];
