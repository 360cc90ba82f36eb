import type { Document } from 'mongodb';
import { type ErrorKind, errorKind } from '../../observer.js';
import type { DeadLetter, InboxDelivery, TakenEntry } from '../../ports/inbox-store.js';
import { readDelivery } from '../read-delivery.js';

/** An entry as stored. Times are the server's, but for those within the delivery. */
export interface InboxDocument {
  /** The delivery's key: unique by itself. */
  readonly _id: string;
  /** Format version. */
  readonly v: 1;
  readonly state: 'open' | 'completed' | 'dead';
  /** When an open one is due or its lease ends; when a dead one was buried, a completed one completed. */
  readonly at: Date;
  readonly attempts: number;
  /** The lease's holder. */
  readonly token: string | null;
  /** The call that added it, so that one repeated by the driver knows its own. */
  readonly addedBy: string;
  /** Null once completed. What is absent is null. */
  readonly delivery: { readonly [field in keyof InboxDelivery]: unknown } | null;
  readonly error: ErrorKind | null;
  /** Of a completed one: from here on it counts as absent; the TTL index removes it within a minute or so. */
  readonly expiresAt: Date | null;
}

/** In a filter: everything an open or dead entry needs. */
export const isWhole = {
  at: { $type: 'date' },
  attempts: { $type: 'number' },
  'delivery.scheme': { $type: 'string' },
  'delivery.deliveryId': { $type: 'string' },
  'delivery.stale': { $type: 'bool' },
  'delivery.receivedAt': { $type: 'number' },
  'delivery.tenant': { $type: ['string', 'null'] },
  'delivery.payload': { $type: ['string', 'null'] },
  'delivery.staleness': { $type: ['string', 'null'] },
  'delivery.sentAt': { $type: ['number', 'null'] },
} as const satisfies Document;

/** Whether this version may go by what it says. */
export function isKnown(stored: Partial<InboxDocument> | null): stored is InboxDocument {
  if (stored?.v !== 1) return false;
  if (stored.state === 'completed') return stored.expiresAt instanceof Date;
  if (stored.state !== 'open' && stored.state !== 'dead') return false;
  const isCounted = stored.at instanceof Date && typeof stored.attempts === 'number';
  return isCounted && readDelivery(stored.delivery) !== undefined;
}

export function takenEntryOf({ _id, delivery, attempts }: InboxDocument): TakenEntry | undefined {
  const read = readDelivery(delivery);
  return read && { key: _id, delivery: read, attempt: attempts };
}

export function deadLetterOf(stored: InboxDocument): DeadLetter | undefined {
  const delivery = readDelivery(stored.delivery);
  if (delivery === undefined) return undefined;
  const { _id: key, attempts, at, error } = stored;
  return { key, delivery, attempts, buriedAt: at.getTime(), error: errorKind(error) };
}

/** What is absent as null: BSON has no undefined. */
export function storedDelivery(delivery: InboxDelivery): Document {
  return Object.fromEntries(
    Object.entries(delivery).map(([field, value]) => [field, value ?? null]),
  );
}
