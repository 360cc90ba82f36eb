import { WebhookSecurityError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { ClaimResult, ReplayStore } from '../../ports/replay-store.js';
import { readClock } from '../../time/read-clock.js';
import { clockOption, integer, refuseUnknown } from '../../validation.js';

export interface MemoryReplayStoreOptions {
  /** Deliveries known at a time. Default 100,000; 1 to 10,000,000. When full, claims are refused. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
}

/** The store in memory, which answers at once. */
export interface MemoryReplayStore extends ReplayStore {
  /** How many deliveries it holds, those included that have run out and were not met yet. */
  readonly size: number;
  claim(key: string, options: { readonly claimMs: number; readonly token: string }): ClaimResult;
  confirm(
    key: string,
    options: { readonly keepMs: number; readonly answer?: string | undefined },
  ): void;
  release(key: string, options: { readonly token: string }): void;
}

/**
 * Remembers deliveries of this one process: enough for a single instance and for tests. Behind a
 * load balancer each instance would accept its own copy. Forgets everything at a restart.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  refuseUnknown('', options, ['maxEntries', 'clock']);
  const maxEntries = integer('maxEntries', options.maxEntries ?? 100_000, 1, 10_000_000);
  return new MemoryStore(maxEntries, clockOption(options.clock));
}

/** A delivery that is being handled and has a token, or one that was and has an answer. */
interface Held {
  readonly token?: string;
  readonly answer?: string;
  readonly expiresAt: number;
}

/**
 * Most handled ones have no answer. Of them only the end is kept: whole milliseconds, which for weeks
 * take no memory of their own.
 */
type Entry = Held | number;

/** How many entries one claim looks at to forget those that have run out, so that none pays for all. */
const SWEPT_PER_CLAIM = 2;
/** The same for a claim that finds no room. */
const SWEPT_WHEN_FULL = 256;

class MemoryStore implements MemoryReplayStore {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Goes round the entries for ever, a few at a time. */
  #hand = this.#entries.entries();

  constructor(maxEntries: number, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  claim(key: string, { claimMs, token }: { claimMs: number; token: string }): ClaimResult {
    const now = this.#now();
    const entry = this.#entries.get(key);
    if (entry !== undefined && expiryOf(entry) > now) {
      if (typeof entry === 'number') return 'confirmed';
      if (entry.answer !== undefined) return { result: 'confirmed', answer: entry.answer };
      if (entry.token !== token) return 'claimedElsewhere';
    } else {
      // However full the store is, what ran out under this key gives its room.
      this.#entries.delete(key);
      this.#makeRoom(now);
    }
    this.#entries.set(key, { token, expiresAt: now + claimMs });
    return 'claimed';
  }

  /** May exceed the bound by the claims in flight: work that was done must not be forgotten. */
  confirm(key: string, { keepMs, answer }: { keepMs: number; answer?: string | undefined }): void {
    const expiresAt = Math.ceil(this.#now() + keepMs);
    this.#entries.set(key, answer === undefined ? expiresAt : { answer, expiresAt });
  }

  release(key: string, { token }: { token: string }): void {
    const entry = this.#entries.get(key);
    if (typeof entry === 'object' && entry.token === token) this.#entries.delete(key);
  }

  #now(): number {
    return readClock(this.#clock, 'now');
  }

  #makeRoom(now: number): void {
    this.#sweep(now, SWEPT_PER_CLAIM);
    if (this.size < this.#maxEntries) return;
    this.#sweep(now, SWEPT_WHEN_FULL);
    if (this.size < this.#maxEntries) return;
    throw new WebhookSecurityError(
      'STORE_FULL',
      `the store holds ${this.#maxEntries} live deliveries`,
    );
  }

  #sweep(now: number, most: number): void {
    for (let looked = 0; looked < most; looked += 1) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#entries.entries();
        continue;
      }
      const [key, entry] = next.value;
      if (expiryOf(entry) <= now) this.#entries.delete(key);
    }
  }
}

function expiryOf(entry: Entry): number {
  return typeof entry === 'number' ? entry : entry.expiresAt;
}
