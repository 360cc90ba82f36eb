import { type Clock, withTimeout } from '@nestcms/circuit-breaker';
import { isPayTabsError } from '../errors.js';
import type { Transaction } from '../gateway/transaction.js';
import { type EndedIntent, hasEnded, type Intent, type IntentKey } from '../intents/intent.js';
import { standingOf } from '../intents/judge-rows.js';
import { relatedRows } from '../intents/related-rows.js';
import type { IntentStore } from '../ports/intent-store.js';
import type { IntentBook, Seen } from './intent-book.js';

/**
 * Takes an end into the own books. Called again until it has once resolved, so an end may come twice; and where several
 * processes reconcile an older end may come after a newer one: take it only if its `revision` is above the one you have.
 * One that takes longer than the client's `timeoutMs` has failed: the end is told again.
 */
export type EndHandler = (end: { readonly intent: EndedIntent }) => void | Promise<void>;

export interface ReconcileOptions {
  /** Told every end that nobody has acknowledged. Without it ends stay to be told. */
  readonly onEnded?: EndHandler;
  /** At most so many intents; 1 to 10,000; default 100. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** What of it is the client's own. */
export interface RoundOptions extends ReconcileOptions {
  /** Once it says so, nothing more is begun; what has begun ends. */
  readonly isStopped?: () => boolean;
}

/** Where asking, storing or telling failed; it stays due. */
export interface ReconcileFailure {
  readonly cartId: string;
  readonly error: unknown;
}

/** What one round of reconciling did. */
export interface ReconcileReport {
  /** How many intents the gateway was asked about. */
  readonly checked: number;
  /** Those of them that ended. */
  readonly ended: readonly EndedIntent[];
  /** How many ends `onEnded` took, those of earlier rounds among them. */
  readonly told: number;
  readonly failed: readonly ReconcileFailure[];
  /** Whether there may be more than `limit`: call again. */
  readonly more: boolean;
}

/** How the gateway is asked. */
export interface Queries {
  byCart(
    cartId: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly rows: readonly Transaction[]; readonly complete: boolean }>;
  byReference(tranRef: string, signal: AbortSignal | undefined): Promise<Transaction>;
  /** The name of the invoice under this reference, if there is one. */
  invoiceOf(cartId: string, signal: AbortSignal | undefined): Promise<string | undefined>;
}

/** So many questions at once: a round of a hundred is soon done, and the shop's own reads find room. */
const concurrency = 4;

/** Finds out how requests ended, by asking alone: nothing here sends a request that moves money. */
export class Reconciler {
  readonly #store: IntentStore;
  readonly #book: IntentBook;
  readonly #queries: Queries;
  readonly #clock: Clock;
  readonly #profileId: number;
  readonly #tellTimeoutMs: number;

  constructor(parts: {
    store: IntentStore;
    book: IntentBook;
    queries: Queries;
    clock: Clock;
    profileId: number;
    /** Milliseconds that `onEnded` may take. */
    tellTimeoutMs: number;
  }) {
    this.#store = parts.store;
    this.#book = parts.book;
    this.#queries = parts.queries;
    this.#clock = parts.clock;
    this.#profileId = parts.profileId;
    this.#tellTimeoutMs = parts.tellTimeoutMs;
  }

  /** Looks once at everything that is due. Rejects only when the store cannot list. */
  async round(options: RoundOptions): Promise<ReconcileReport> {
    const { onEnded, limit = 100, signal, isStopped } = options;
    const dueBefore = new Date(this.#clock.wallTime());
    const due = await this.#store.listDue({ profileId: this.#profileId, dueBefore, limit });
    const report = {
      checked: 0,
      ended: [] as EndedIntent[],
      told: 0,
      failed: [] as ReconcileFailure[],
    };
    const waiting = [...due];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (signal?.aborted || isStopped?.()) return;
        await this.#look(next, { report, onEnded, signal });
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return Object.freeze({ ...report, more: due.length >= limit });
  }

  /** Asks about one intent, due or not. Rejects when the gateway does not answer, or the store. */
  async check(key: IntentKey, signal?: AbortSignal): Promise<Intent> {
    const known = await this.#store.find(key);
    // What is not there is not there now, not when the answer has arrived: this process may be frozen in between.
    const at = new Date(this.#clock.wallTime());
    let seen: Seen;
    try {
      seen = await this.#ask(key.cartId, { known, signal });
    } catch (error) {
      if (known !== undefined) await this.#book.fold(key, { kind: 'unanswered' }, { known, at });
      throw error;
    }
    return this.#book.fold(key, seen, { known, at });
  }

  async #ask(
    cartId: string,
    { known, signal }: { known: Intent | undefined; signal: AbortSignal | undefined },
  ): Promise<Seen> {
    const { rows, complete } = await this.#queries.byCart(cartId, signal);
    const more = await this.#named(known, { rows, signal });
    const all = relatedRows([...rows, ...more], known);
    const bill = all.length === 0 ? await this.#bill(known, signal) : undefined;
    if (bill !== undefined) return { kind: 'paged', tranRef: bill };
    const isFollowUp = known?.targetTranRef !== undefined;
    const related = isFollowUp ? await this.#parents(all, signal) : all;
    return { kind: 'checked', rows: related, complete };
  }

  /** What somebody may pay by though no transaction shows it yet, and though its sender never heard of it. */
  async #bill(
    known: Intent | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const isLost = known?.state.name === 'begun' || known?.state.name === 'unknown';
    if (!isLost || known.operation !== 'createInvoice') return undefined;
    return this.#queries.invoiceOf(known.cartId, signal);
  }

  /** The transaction that an answer has named, should the list not have it. */
  async #named(
    known: Intent | undefined,
    { rows, signal }: { rows: readonly Transaction[]; signal: AbortSignal | undefined },
  ): Promise<Transaction[]> {
    if (known?.state.name !== 'unknown' || known.state.tranRef === undefined) return [];
    const { tranRef } = known.state;
    if (rows.some((row) => row.tranRef === tranRef)) return [];
    try {
      const transaction = await this.#queries.byReference(tranRef, signal);
      return transaction.cartId === known.cartId ? [transaction] : [];
    } catch (error) {
      if (isPayTabsError(error, 'NOT_FOUND')) return [];
      throw error;
    }
  }

  async #look(
    intent: Intent,
    about: {
      report: {
        checked: number;
        readonly ended: EndedIntent[];
        told: number;
        readonly failed: ReconcileFailure[];
      };
      onEnded: EndHandler | undefined;
      signal: AbortSignal | undefined;
    },
  ): Promise<void> {
    const { report, onEnded, signal } = about;
    const { profileId, cartId } = intent;
    let current = intent;
    try {
      if (!hasEnded(intent)) {
        current = await this.check({ profileId, cartId }, signal);
        report.checked += 1;
        if (hasEnded(current)) report.ended.push(current);
      }
      if (!hasEnded(current) || current.acknowledged) return;
      if (await this.#tell(current, onEnded)) report.told += 1;
    } catch (error) {
      report.failed.push({ cartId, error });
    }
  }

  /** An end that nobody takes is due again later: so many of them must not be all that is ever looked at. */
  async #tell(intent: EndedIntent, onEnded: EndHandler | undefined): Promise<boolean> {
    const { profileId, cartId, state } = intent;
    const key = { profileId, cartId };
    try {
      await withTimeout(async () => onEnded?.({ intent }), {
        timeoutMs: this.#tellTimeoutMs,
        clock: this.#clock,
      });
    } catch (error) {
      await this.#book.fold(key, { kind: 'untold' }).catch(() => undefined);
      throw error;
    }
    const isTold = onEnded !== undefined;
    await this.#book.fold(key, isTold ? { kind: 'acknowledged', state } : { kind: 'untold' });
    return isTold;
  }

  /** Rows of a cart do not say which transaction they act on; a query by reference does. */
  #parents(rows: readonly Transaction[], signal: AbortSignal | undefined): Promise<Transaction[]> {
    return Promise.all(
      rows.map(async (row) => {
        const isTold = row.previousTranRef !== undefined || standingOf(row) === 'none';
        return isTold ? row : await this.#queries.byReference(row.tranRef, signal);
      }),
    );
  }
}
