import { type ClientSession, type Collection, type Db, Long } from 'mongodb';
import { z } from 'zod';
import { PayTabsError } from '../../errors.js';
import { INTENT_VERSION, type Intent, type IntentKey } from '../../intents/intent.js';
import { fromRecord, type RecordForm, toRecord } from '../../intents/intent-record.js';
import type { DueFilter, IntentStore } from '../../ports/intent-store.js';
import { collectDue, type OnUnreadable, warnOfUnreadable } from '../collect-due.js';
import { onUnreadable, readOptions, storeTimeoutMs } from '../read-options.js';

export interface MongoIntentStoreOptions {
  readonly db: Db;
  /** Default `paymentIntents`. */
  readonly collectionName?: string;
  /**
   * Milliseconds an operation may take at the server, the wait for a majority included; 1 to 600,000; default 5,000.
   * After a time-out of `begin` the intent may be stored all the same.
   */
  readonly timeoutMs?: number;
  /** Told of each intent that `listDue` had to pass over. Default: one process warning for each reference. */
  readonly onUnreadable?: OnUnreadable;
}

/** Every default, with the reason for its value. */
export const MONGO_INTENT_STORE_DEFAULTS = Object.freeze({
  collectionName: 'paymentIntents',
  /** Rides out a slow disk; a majority that is away for longer is an outage, and nothing should be charged in one. */
  timeoutMs: 5_000,
});

/** A session of the caller's. */
interface InSession {
  readonly session?: ClientSession | undefined;
}

/** How an intent lies in the collection: its own fields, under a name that is unique without an index of its own. */
interface IntentDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const form: RecordForm<Long, Date> = { minor: toLong, time: (time) => time };

function toLong(minor: bigint): Long {
  const long = Long.fromBigInt(minor);
  if (long.toBigInt() === minor) return long;
  throw new PayTabsError('INVALID_MONEY', `${minor} minor units do not fit 64 bits`);
}

const idOf = ({ profileId, cartId }: IntentKey): string => `${profileId}:${cartId}`;

const schema = z.strictObject({
  db: z.custom<Db>((value) => typeof (value as Db | null)?.collection === 'function', {
    message: 'must be a database of the mongodb driver',
  }),
  collectionName: z
    .string({ error: 'must be a text' })
    .min(1, 'must not be empty')
    .default(MONGO_INTENT_STORE_DEFAULTS.collectionName),
  timeoutMs: storeTimeoutMs.default(MONGO_INTENT_STORE_DEFAULTS.timeoutMs),
  onUnreadable: onUnreadable.optional(),
});

const duplicateKey = 11000;

/**
 * Keeps intents in MongoDB: written and read with majority, on the primary, so that a failover forgets none.
 * Call {@link ensureIndexes} once at start.
 */
export class MongoIntentStore implements IntentStore {
  readonly #collection: Collection<IntentDocument>;
  readonly #timeoutMs: number;
  readonly #onUnreadable: OnUnreadable;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(options: MongoIntentStoreOptions) {
    const checked = readOptions(schema, options);
    const { db, collectionName, timeoutMs } = checked;
    this.#onUnreadable = checked.onUnreadable ?? warnOfUnreadable();
    this.#timeoutMs = timeoutMs;
    this.#collection = db.collection<IntentDocument>(collectionName, {
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeoutMs },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
    });
  }

  /** The index behind `listDue`. Uniqueness needs none. */
  async ensureIndexes(): Promise<void> {
    await this.#collection.createIndex(
      { profileId: 1, dueAt: 1 },
      { name: 'due', partialFilterExpression: { dueAt: { $exists: true } } },
    );
  }

  /**
   * A session gives causal order only. One with a running transaction is refused: an abort would forget a request
   * that was sent.
   */
  async begin(intent: Intent, { session }: InSession = {}): Promise<void> {
    const { cartId } = intent;
    if (session?.inTransaction()) {
      const message =
        'An intent must be committed before it is sent: begin it outside a transaction';
      throw new PayTabsError('INTENT_STORE_FAILED', message, { cartId });
    }
    try {
      const document = { _id: idOf(intent), ...toRecord(intent, form) };
      await this.#collection.insertOne(document, this.#with(session));
    } catch (error) {
      if ((error as { code?: unknown }).code !== duplicateKey) throw error;
      throw new PayTabsError('REFERENCE_REUSED', `"${cartId}" was begun before`, { cartId });
    }
  }

  /** With a session in a transaction, it is stored together with the caller's own effect. */
  async replace(intent: Intent, { session }: InSession = {}): Promise<boolean> {
    const { matchedCount } = await this.#collection.replaceOne(
      { _id: idOf(intent), v: INTENT_VERSION, revision: intent.revision - 1 },
      toRecord(intent, form),
      this.#with(session),
    );
    return matchedCount > 0;
  }

  async find(key: IntentKey, { session }: InSession = {}): Promise<Intent | undefined> {
    const document = await this.#collection.findOne({ _id: idOf(key) }, this.#with(session));
    return document === null ? undefined : fromRecord(document);
  }

  async listDue(
    { profileId, dueBefore, limit = 100 }: DueFilter,
    { session }: InSession = {},
  ): Promise<readonly Intent[]> {
    // What a newer version wrote is for the processes of that version.
    const filter = { profileId, v: INTENT_VERSION, dueAt: { $lte: dueBefore } };
    return collectDue<IntentDocument>({
      limit,
      onUnreadable: this.#onUnreadable,
      page: (skip) =>
        this.#collection
          .find(filter, this.#with(session))
          .sort({ dueAt: 1 })
          .skip(skip)
          .limit(limit)
          .toArray(),
      read: fromRecord,
      cartIdOf: ({ _id }) => String(_id).slice(`${profileId}:`.length),
    });
  }

  #with(session: ClientSession | undefined) {
    const maxTimeMS = this.#timeoutMs;
    return session === undefined ? { maxTimeMS } : { maxTimeMS, session };
  }
}
