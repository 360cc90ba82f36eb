import type { Collection, Document } from 'mongodb';
import type { ReplayStore } from '../../ports/replay-store.js';
import { refuseUnknown, requireMethods } from '../../validation.js';
import { unknownFormat } from '../unknown-format.js';
import { afterInsertRace } from './insert-race.js';

/** A delivery as stored. Times are the server's, so that clocks of workers do not matter. */
export interface ReplayDocument {
  /** The delivery's key: unique by itself. */
  readonly _id: string;
  /** Format version. */
  readonly v: 1;
  readonly state: 'claimed' | 'confirmed';
  /** The claim's holder; null once confirmed. */
  readonly token: string | null;
  /** The first answer, where it was kept. */
  readonly answer?: string;
  /** From here on the document counts as absent; the TTL index removes it within a minute or so. */
  readonly expiresAt: Date;
}

export interface MongoReplayStoreOptions {
  readonly collection: Collection<ReplayDocument>;
}

export interface MongoReplayStore extends ReplayStore {
  /** Makes the TTL index. Call once at start; calling again is harmless. */
  ensureIndexes(): Promise<void>;
}

const writeConcern = { w: 'majority' } as const;

/**
 * Remembers deliveries in MongoDB with majority writes: what it confirmed survives a fail-over.
 * A claim is one atomic update; a crash frees it after `claimMs` by the server's clock.
 */
export function createMongoReplayStore(options: MongoReplayStoreOptions): MongoReplayStore {
  refuseUnknown('', options, ['collection']);
  const { collection } = options;
  requireMethods('collection', collection, ['findOneAndUpdate'], 'a MongoDB collection');

  const updateOnce = (key: string, update: Document) =>
    collection.findOneAndUpdate({ _id: key }, [{ $replaceWith: update }], {
      upsert: true,
      returnDocument: 'after',
      writeConcern,
    });
  const updateAtomically = async (key: string, update: Document) => {
    const stored = await afterInsertRace(() => updateOnce(key, update));
    if (!isKnown(stored)) throw unknownFormat();
    return stored;
  };

  return {
    ensureIndexes: async () => {
      await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    },
    claim: async (key, { claimMs, token }) => {
      const stored = await updateAtomically(key, claimUpdate(claimMs, token));
      if (stored.state === 'confirmed') {
        const { answer } = stored;
        return answer === undefined ? 'confirmed' : { result: 'confirmed', answer };
      }
      return stored.token === token ? 'claimed' : 'claimedElsewhere';
    },
    confirm: async (key, { keepMs, answer }) => {
      await updateAtomically(key, confirmUpdate(keepMs, answer));
    },
    release: async (key, { token }) => {
      await collection.deleteOne({ _id: key, v: 1, state: 'claimed', token }, { writeConcern });
    },
  };
}

function isKnown(stored: Partial<ReplayDocument> | null): stored is ReplayDocument {
  return (
    stored?.v === 1 &&
    (stored.state === 'confirmed' || stored.state === 'claimed') &&
    stored.expiresAt instanceof Date
  );
}

const later = (ms: number) => ({ $add: ['$$NOW', ms] });

/** What an upsert works on where it found nothing. */
const isNew = { $eq: ['$$ROOT', { _id: '$_id' }] };

/** Takes the delivery where it is absent, expired or already ours; leaves all else as it is. */
function claimUpdate(claimMs: number, token: string): Document {
  const isOfThisVersion = [
    { $eq: ['$v', 1] },
    { $in: ['$state', ['claimed', 'confirmed']] },
    // Without it a missing time, which sorts before every date, would count as run out.
    { $eq: [{ $type: '$expiresAt' }, 'date'] },
  ];
  const isOurs = {
    $and: [{ $eq: ['$state', 'claimed'] }, { $eq: ['$token', { $literal: token }] }],
  };
  const isFree = { $or: [{ $lte: ['$expiresAt', '$$NOW'] }, isOurs] };
  const mayTake = { $or: [isNew, { $and: [...isOfThisVersion, isFree] }] };
  const claimed = { v: 1, state: 'claimed', token: { $literal: token }, expiresAt: later(claimMs) };
  return written(mayTake, claimed);
}

/** Marks the delivery whoever holds it, but for a document that another version wrote. */
function confirmUpdate(keepMs: number, answer: string | undefined): Document {
  const kept = answer === undefined ? {} : { answer: { $literal: answer } };
  const confirmed = { v: 1, state: 'confirmed', token: null, ...kept, expiresAt: later(keepMs) };
  return written({ $or: [isNew, { $eq: ['$v', 1] }] }, confirmed);
}

/** The answer of an earlier time that has run out belongs to nothing any more. */
const withoutAnswer = { $unsetField: { field: 'answer', input: '$$ROOT' } };

function written(where: Document, fields: Document): Document {
  return { $cond: [where, { $mergeObjects: [withoutAnswer, fields] }, '$$ROOT'] };
}
