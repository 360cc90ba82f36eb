import type { ErrorKind } from '../observer.js';
import type { Staleness } from '../verdict.js';
import type { MaybePromise } from './replay-store.js';

/** An accepted delivery as it is kept: plain values alone, so that any store can hold them. */
export interface InboxDelivery {
  readonly scheme: string;
  readonly tenant: string | undefined;
  readonly deliveryId: string;
  /** JSON text; undefined where the verdict had no payload. */
  readonly payload: string | undefined;
  readonly stale: boolean;
  readonly staleness: Staleness | undefined;
  /** As the sender stated it, in ms since 1970. */
  readonly sentAt: number | undefined;
  /** By the clock of the worker that stored it, in ms since 1970. */
  readonly receivedAt: number;
}

/** An entry that a worker holds for as long as its lease lasts. */
export interface TakenEntry {
  readonly key: string;
  readonly delivery: InboxDelivery;
  /** How often it has been taken, this time included; a crash counts, too. */
  readonly attempt: number;
}

export interface TakeResult {
  /** In the order of their due times. */
  readonly entries: readonly TakenEntry[];
  /**
   * Keys of entries that this version cannot read, a few of them at most. They are left as they are,
   * for the version that wrote them.
   */
  readonly unreadable: readonly string[];
}

/** An entry that was given up. */
export interface DeadLetter {
  readonly key: string;
  readonly delivery: InboxDelivery;
  readonly attempts: number;
  /** By the store's clock, in ms since 1970. */
  readonly buriedAt: number;
  /** What the last attempt failed with: a name and a code, never a message or a body. */
  readonly error: ErrorKind;
}

export interface DeadLetterPage {
  /** The one buried first comes first. */
  readonly entries: readonly DeadLetter[];
  /** Give it as `after` for the next page; undefined on the last. */
  readonly next: string | undefined;
}

export interface InboxCounts {
  /** May be taken now. */
  readonly due: number;
  /** Held by a worker, or waiting for the next attempt. */
  readonly later: number;
  /** Given up. */
  readonly dead: number;
}

/**
 * Keeps deliveries until they are processed. Each step is atomic, and times are the store's own, so that
 * clocks of workers do not matter. An entry is open (due at some time, or leased until then), completed
 * or dead. `complete`, `retry`, `bury` and `renew` are the lease holder's alone: they give false, and
 * change nothing, where `token` does not hold an open entry. A lease that ran out is still its holder's
 * until another worker takes the entry.
 * What a key names but this version cannot read is an error with the code STORE_FORMAT.
 */
export interface InboxStore {
  /** Adds an entry that is due now. A key that is open, dead or was completed is known, and stays as it is. */
  add(key: string, delivery: InboxDelivery): MaybePromise<'added' | 'known'>;
  /** Leases up to `limit` entries that are due, the longest due first, and counts the attempt. */
  take(options: {
    readonly token: string;
    readonly leaseMs: number;
    readonly limit: number;
  }): MaybePromise<TakeResult>;
  /** Makes the lease end `leaseMs` from now. */
  renew(
    key: string,
    options: { readonly token: string; readonly leaseMs: number },
  ): MaybePromise<boolean>;
  /** Done: the key stays known for `keepMs`, the delivery itself is dropped. */
  complete(
    key: string,
    options: { readonly token: string; readonly keepMs: number },
  ): MaybePromise<boolean>;
  /** Failed: due again after `delayMs`. */
  retry(
    key: string,
    options: { readonly token: string; readonly delayMs: number; readonly error: ErrorKind },
  ): MaybePromise<boolean>;
  /** Failed for good: a dead letter, which stays until it is replayed. */
  bury(
    key: string,
    options: { readonly token: string; readonly error: ErrorKind },
  ): MaybePromise<boolean>;
  deadLetters(options: {
    readonly limit: number;
    readonly after?: string | undefined;
  }): MaybePromise<DeadLetterPage>;
  /** Makes a dead letter due now, with its attempts counted anew. False where there is none of that key. */
  replay(key: string): MaybePromise<boolean>;
  counts(): MaybePromise<InboxCounts>;
}

export const inboxStoreMethods = [
  'add',
  'take',
  'renew',
  'complete',
  'retry',
  'bury',
  'deadLetters',
  'replay',
  'counts',
] as const satisfies readonly (keyof InboxStore)[];
