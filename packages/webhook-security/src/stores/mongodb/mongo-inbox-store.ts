import { randomUUID } from 'node:crypto';
import type { Collection, Document, Filter } from 'mongodb';
import type { ErrorKind } from '../../observer.js';
import type { InboxStore, TakenEntry } from '../../ports/inbox-store.js';
import { refuseUnknown, requireMethods } from '../../validation.js';
import { cursorOf, placeOf } from '../dead-letter-cursor.js';
import { unknownFormat } from '../unknown-format.js';
import {
  deadLetterOf,
  type InboxDocument,
  isKnown,
  isWhole,
  storedDelivery,
  takenEntryOf,
} from './inbox-document.js';
import * as updates from './inbox-updates.js';
import { afterInsertRace } from './insert-race.js';

export interface MongoInboxStoreOptions {
  readonly collection: Collection<InboxDocument>;
}

export interface MongoInboxStore extends InboxStore {
  /** Makes the TTL index and the one that entries are taken by. Call once at start; calling again is harmless. */
  ensureIndexes(): Promise<void>;
}

const writeConcern = { w: 'majority' } as const;
/** How many unreadable entries one call names. */
const mostUnreadable = 10;
const open: Document = { v: 1, state: 'open', ...isWhole };
const dead: Document = { v: 1, state: 'dead', ...isWhole };

/**
 * An inbox in MongoDB with majority writes: what it answered for survives a fail-over. Each step is one
 * atomic update of one document, by the server's clock.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createMongoInboxStore(options: MongoInboxStoreOptions): MongoInboxStore {
  refuseUnknown('', options, ['collection']);
  const { collection } = options;
  requireMethods('collection', collection, ['findOneAndUpdate'], 'a MongoDB collection');

  /** False where there is no such entry, an error where there is one that this version cannot read. */
  const change = async (key: string, where: Document, update: Document[]): Promise<boolean> => {
    const filter = { ...where, _id: key } as Filter<InboxDocument>;
    const { matchedCount } = await collection.updateOne(filter, update, { writeConcern });
    if (matchedCount === 1) return true;
    const stored = await collection.findOne({ _id: key });
    if (stored !== null && !isKnown(stored)) throw unknownFormat();
    return false;
  };
  const changeHeld = (key: string, token: string, update: Document[]) =>
    change(key, { ...open, token }, update);

  const takeOne = async (token: string, leaseMs: number): Promise<TakenEntry | undefined> => {
    const taken = await collection.findOneAndUpdate(
      { ...open, ...updates.isDue } as Filter<InboxDocument>,
      updates.takeUpdate(token, leaseMs),
      { sort: { at: 1 }, returnDocument: 'after', writeConcern },
    );
    return taken === null ? undefined : takenEntryOf(taken);
  };
  const findUnreadable = async (): Promise<string[]> => {
    const damaged = { v: 1, state: 'open', $nor: [isWhole], ...updates.isDue };
    const filter = { $or: [{ v: { $ne: 1 } }, damaged] } as Filter<InboxDocument>;
    const found = collection.find(filter, { projection: { _id: 1 } }).limit(mostUnreadable);
    return (await found.toArray()).map(({ _id }) => _id);
  };

  return {
    ensureIndexes: async () => {
      await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
      await collection.createIndex({ v: 1, state: 1, at: 1, _id: 1 });
    },
    add: async (key, delivery) => {
      const addedBy = randomUUID();
      const update = updates.addUpdate(storedDelivery(delivery), addedBy);
      const stored = await afterInsertRace(() =>
        collection.findOneAndUpdate({ _id: key }, update, {
          upsert: true,
          returnDocument: 'after',
          writeConcern,
        }),
      );
      if (!isKnown(stored)) throw unknownFormat();
      return stored.addedBy === addedBy ? 'added' : 'known';
    },
    take: async ({ token, leaseMs, limit }) => {
      const entries: TakenEntry[] = [];
      try {
        while (entries.length < limit) {
          const entry = await takeOne(token, leaseMs);
          if (entry === undefined) return { entries, unreadable: await findUnreadable() };
          entries.push(entry);
        }
      } catch (error) {
        // What is leased already has to be worked on; the next call meets the failure again.
        if (entries.length === 0) throw error;
      }
      return { entries, unreadable: [] };
    },
    renew: (key, { token, leaseMs }) => changeHeld(key, token, updates.renewUpdate(leaseMs)),
    complete: (key, { token, keepMs }) => changeHeld(key, token, updates.completeUpdate(keepMs)),
    retry: (key, { token, delayMs, error }) =>
      changeHeld(key, token, updates.retryUpdate(delayMs, stored(error))),
    bury: (key, { token, error }) => changeHeld(key, token, updates.buryUpdate(stored(error))),
    deadLetters: async ({ limit, after }) => {
      const place = placeOf(after);
      const at = place && new Date(place.buriedAt);
      const isAfter = place && { $or: [{ at: { $gt: at } }, { at, _id: { $gt: place.key } }] };
      const filter = { $and: [dead, isAfter ?? {}] } as Filter<InboxDocument>;
      const sort = { at: 1, _id: 1 } as const;
      const found = await collection.find(filter, { sort, limit: limit + 1 }).toArray();
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        entries: page.flatMap((document) => deadLetterOf(document) ?? []),
        next:
          last !== undefined && found.length > limit
            ? cursorOf({ buriedAt: last.at.getTime(), key: last._id })
            : undefined,
      };
    },
    replay: (key) => change(key, dead, updates.replayUpdate()),
    counts: async () => {
      const of = (filter: Document) => collection.countDocuments(filter as Filter<InboxDocument>);
      const isOpen = { v: 1, state: 'open' };
      const [due, all, buried] = await Promise.all([
        of({ ...isOpen, ...updates.isDue }),
        of(isOpen),
        of({ v: 1, state: 'dead' }),
      ]);
      return { due, later: Math.max(0, all - due), dead: buried };
    },
  };
}

/** No field is left undefined, which BSON has not. */
function stored({ name, code }: ErrorKind): Document {
  return code === undefined ? { name } : { name, code };
}
