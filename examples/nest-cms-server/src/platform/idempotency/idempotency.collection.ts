import type { ObjectId } from 'mongodb';
import type { CollectionSpec } from '../mongo/schema.js';

export const IDEMPOTENCY_KEYS = 'idempotencyKeys';

export interface IdempotencyDocument {
  _id: ObjectId;
  v: 1;
  caller: string;
  route: string;
  key: string;
  fingerprint: string;
  /** The answer as JSON text. */
  result: string;
  createdAt: Date;
}

/** A key is remembered this long; after that it makes a new effect. */
const KEEP_SECONDS = 24 * 3600;

export const idempotencyCollection: CollectionSpec = {
  name: IDEMPOTENCY_KEYS,
  indexes: [
    { name: 'callerRouteKey', key: { caller: 1, route: 1, key: 1 }, unique: true },
    { name: 'expire', key: { createdAt: 1 }, expireAfterSeconds: KEEP_SECONDS },
  ],
};
