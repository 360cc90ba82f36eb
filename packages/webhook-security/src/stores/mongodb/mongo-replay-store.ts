import type { Collection } from 'mongodb';
import { WebhookSecurityError } from '../../errors.js';
import type { ReplayStore } from '../../ports/replay-store.js';
import { refuseUnknown, requireMethods } from '../../validation.js';

/** A delivery as stored. Times are the server's, so that clocks of workers do not matter. */
export interface ReplayDocument {
  /** The delivery's key: unique by itself. */
  readonly _id: string;
  /** Format version. */
  readonly v: 1;
  readonly state: 'claimed' | 'confirmed';
  /** The claim's holder; null once confirmed. */
  readonly token: string | null;
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
const duplicateKey = 11_000;

/**
 * Remembers deliveries in MongoDB with majority writes: what it confirmed survives a fail-over.
 * A claim is one atomic update; a crash frees it after `claimMs` by the server's clock.
 */
export function createMongoReplayStore(options: MongoReplayStoreOptions): MongoReplayStore {
  refuseUnknown('', options, ['collection']);
  const { collection } = options;
  requireMethods('collection', collection, ['findOneAndUpdate'], 'a MongoDB collection');

  const claimOnce = (key: string, claimMs: number, token: string) =>
    collection.findOneAndUpdate({ _id: key }, [claimUpdate(claimMs, token)], {
      upsert: true,
      returnDocument: 'after',
      writeConcern,
    });

  return {
    ensureIndexes: async () => {
      await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    },
    claim: async (key, { claimMs, token }) => {
      const stored = await claimOnce(key, claimMs, token).catch((error: unknown) => {
        // Two first claims met: one inserted, so this one now finds a document.
        if ((error as { code?: unknown } | null)?.code !== duplicateKey) throw error;
        return claimOnce(key, claimMs, token);
      });
      if (stored?.v !== 1) {
        const text = 'the stored delivery has a format that this version does not know';
        throw new WebhookSecurityError('STORE_FORMAT', text);
      }
      if (stored.state === 'confirmed') return 'confirmed';
      return stored.token === token ? 'claimed' : 'claimedElsewhere';
    },
    confirm: async (key, { keepMs }) => {
      await collection.updateOne(
        { _id: key },
        [{ $set: { v: 1, state: 'confirmed', token: null, expiresAt: later(keepMs) } }],
        { upsert: true, writeConcern },
      );
    },
    release: async (key, { token }) => {
      await collection.deleteOne({ _id: key, v: 1, state: 'claimed', token }, { writeConcern });
    },
  };
}

const later = (ms: number) => ({ $add: ['$$NOW', ms] });

/** Takes the delivery where it is absent, expired or already ours; leaves it as it is otherwise. */
function claimUpdate(claimMs: number, token: string) {
  const free = {
    $or: [
      { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] },
      { $and: [{ $eq: ['$state', 'claimed'] }, { $eq: ['$token', { $literal: token }] }] },
    ],
  };
  const fresh = { v: 1, state: 'claimed', token: { $literal: token }, expiresAt: later(claimMs) };
  return { $replaceWith: { $mergeObjects: ['$$ROOT', { $cond: [free, fresh, {}] }] } };
}
