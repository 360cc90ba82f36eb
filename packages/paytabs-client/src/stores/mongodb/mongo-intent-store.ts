import type { ClientSession, Collection, Db } from 'mongodb';
import { PayTabsError } from '../../errors.js';
import type { Intent, IntentOutcome, NewIntent } from '../../intents/intent.js';
import type { IntentStore } from '../../ports/intent-store.js';
import { fromDocument, type IntentDocument, toDocument } from './intent-document.js';

export interface MongoIntentStoreOptions {
  readonly db: Db;
  /** Default `paymentIntents`. */
  readonly collectionName?: string;
  /**
   * Milliseconds an operation may take at the server, the wait for a majority included; 1 to 600,000; default 5,000.
   * After a time-out of `begin` the intent may be stored all the same.
   */
  readonly timeoutMs?: number;
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

const duplicateKey = 11000;

/**
 * Keeps intents in MongoDB: written and read with majority, on the primary, so that a failover forgets none.
 * Call {@link ensureIndexes} once at start.
 */
export class MongoIntentStore implements IntentStore {
  readonly #collection: Collection<IntentDocument>;
  readonly #timeoutMs: number;

  /** @throws PayTabsError INVALID_OPTION */
  constructor({
    db,
    collectionName = MONGO_INTENT_STORE_DEFAULTS.collectionName,
    timeoutMs = MONGO_INTENT_STORE_DEFAULTS.timeoutMs,
  }: MongoIntentStoreOptions) {
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 600_000) {
      const message = 'timeoutMs: must be a whole number of milliseconds from 1 to 600,000';
      throw new PayTabsError('INVALID_OPTION', message);
    }
    this.#timeoutMs = timeoutMs;
    this.#collection = db.collection<IntentDocument>(collectionName, {
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeoutMs },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
    });
  }

  /** The index behind `listOpen`. Uniqueness needs none: the `cartId` is the `_id`. */
  async ensureIndexes(): Promise<void> {
    await this.#collection.createIndex(
      { begunAt: 1 },
      { name: 'open_by_begunAt', partialFilterExpression: { open: true } },
    );
  }

  /**
   * A session gives causal order only. One with a running transaction is refused: an abort would forget a request
   * that was sent.
   */
  async begin(intent: NewIntent, { session }: InSession = {}): Promise<void> {
    const { cartId } = intent;
    if (session?.inTransaction()) {
      const message =
        'An intent must be committed before it is sent: begin it outside a transaction';
      throw new PayTabsError('INTENT_STORE_FAILED', message, { cartId });
    }
    try {
      await this.#collection.insertOne(toDocument(intent), this.#with(session));
    } catch (error) {
      if ((error as { code?: unknown }).code !== duplicateKey) throw error;
      throw new PayTabsError('REFERENCE_REUSED', `"${cartId}" was begun before`, { cartId });
    }
  }

  /** With a session in a transaction, the outcome is stored together with the caller's own effect. */
  async settle(
    cartId: string,
    settlement: { outcome: IntentOutcome; settledAt: Date },
    { session }: InSession = {},
  ): Promise<void> {
    const { matchedCount } = await this.#collection.updateOne(
      { _id: cartId, outcome: { $exists: false } },
      { $set: settlement, $unset: { open: true } },
      this.#with(session),
    );
    if (matchedCount > 0) return;
    const known = await this.#collection.findOne(
      { _id: cartId },
      { projection: { _id: 1 }, ...this.#with(session) },
    );
    if (known === null) {
      throw new PayTabsError('NOT_FOUND', `"${cartId}" was never begun`, { cartId });
    }
  }

  async find(cartId: string, { session }: InSession = {}): Promise<Intent | undefined> {
    const document = await this.#collection.findOne({ _id: cartId }, this.#with(session));
    return document === null ? undefined : fromDocument(document);
  }

  async listOpen(
    filter: { begunBefore?: Date; limit?: number } = {},
    { session }: InSession = {},
  ): Promise<readonly Intent[]> {
    const { begunBefore, limit = 100 } = filter;
    const documents = await this.#collection
      .find(
        { open: true, ...(begunBefore === undefined ? {} : { begunAt: { $lt: begunBefore } }) },
        this.#with(session),
      )
      .sort({ begunAt: 1 })
      .limit(limit)
      .toArray();
    return documents.map(fromDocument);
  }

  #with(session: ClientSession | undefined) {
    const maxTimeMS = this.#timeoutMs;
    return session === undefined ? { maxTimeMS } : { maxTimeMS, session };
  }
}
