import type { ObjectId } from 'mongodb';
import type { CollectionSpec } from '../mongo/schema.js';

export const OUTBOX = 'outbox';

/** An event as stored, with the state of its delivery. */
export interface OutboxDocument {
  _id: ObjectId;
  v: 1;
  type: string;
  aggregate: { type: string; id: string };
  sequence: number;
  data: Record<string, unknown>;
  time: Date;
  correlationId: string;
  causationId?: string;
  /** Some subscriber has not taken it yet. */
  pending: boolean;
  /** Names of the subscribers that have taken it. */
  delivered: string[];
  attempts: number;
  /** Not tried before this time. */
  dueAt: Date;
  /** Held by `leasedBy` until this time. */
  leasedUntil: Date;
  leasedBy?: string;
  lastError?: string;
  /** When the last subscriber had taken it: the server removes it some time after that. */
  deliveredAt?: Date;
  /** The same for an event that is never removed; see `OutboxRelay.keep`. */
  keptSince?: Date;
}

/** Delivered events are kept this long for whoever looks for them, then the server removes them. */
const KEEP_DELIVERED_SECONDS = 30 * 24 * 3600;

export const outboxCollection: CollectionSpec = {
  name: OUTBOX,
  indexes: [
    {
      name: 'aggregateSequence',
      key: { 'aggregate.type': 1, 'aggregate.id': 1, sequence: 1 },
      unique: true,
    },
    {
      name: 'pendingByAggregate',
      key: { pending: 1, 'aggregate.type': 1, 'aggregate.id': 1, sequence: 1 },
      partialFilterExpression: { pending: true },
    },
    {
      name: 'pendingByTime',
      key: { time: 1 },
      partialFilterExpression: { pending: true },
    },
    {
      name: 'removeDelivered',
      key: { deliveredAt: 1 },
      expireAfterSeconds: KEEP_DELIVERED_SECONDS,
    },
  ],
};
