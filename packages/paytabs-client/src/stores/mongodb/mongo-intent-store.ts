import type { ClientSession, Collection, Db } from 'mongodb';
import { PayTabsError } from '../../errors.js';
import type { Intent, IntentOutcome, NewIntent } from '../../intents/intent.js';
import type { IntentStore } from '../../ports/intent-store.js';
import { fromDocument, type IntentDocument, toDocument } from './intent-document.js';

export interface MongoIntentStoreOptions {
  readonly db: Db;
  /** Default `paymentIntents`. */
  readonly collectionName?: string;
}

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

  constructor({ db, collectionName = 'paymentIntents' }: MongoIntentStoreOptions) {
    this.#collection = db.collection<IntentDocument>(collectionName, {
      writeConcern: { w: 'majority', journal: true },
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
      await this.#collection.insertOne(toDocument(intent), inSession(session));
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
      inSession(session),
    );
    if (matchedCount > 0) return;
    const known = await this.#collection.findOne(
      { _id: cartId },
      { projection: { _id: 1 }, ...inSession(session) },
    );
    if (known === null) {
      throw new PayTabsError('NOT_FOUND', `"${cartId}" was never begun`, { cartId });
    }
  }

  async find(cartId: string, { session }: InSession = {}): Promise<Intent | undefined> {
    const document = await this.#collection.findOne({ _id: cartId }, inSession(session));
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
        inSession(session),
      )
      .sort({ begunAt: 1 })
      .limit(limit)
      .toArray();
    return documents.map(fromDocument);
  }
}

const inSession = (session: ClientSession | undefined) =>
  session === undefined ? {} : { session };
