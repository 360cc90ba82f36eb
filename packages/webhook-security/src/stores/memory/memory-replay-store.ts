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

interface Claim {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * A delivery that is being handled, or until when a handled one is known: whole milliseconds, which
 * for weeks take no memory of their own.
 */
type Entry = Claim | number;

/** How many entries one claim looks at to forget those that have run out, so that none pays for all. */
const SWEPT_PER_CLAIM = 2;
/** The same for a claim that finds no room. */
const SWEPT_WHEN_FULL = 256;

class MemoryStore implements MemoryReplayStore {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Of few, for most answers say nothing. */
  readonly #answers = new Map<string, string>();
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
    const isLive = entry !== undefined && expiryOf(entry) > now;
    if (isLive && typeof entry === 'number') return this.#repeat(key);
    if (isLive && (entry as Claim).token !== token) return 'claimedElsewhere';
    if (entry !== undefined && !isLive) this.#forget(key);
    if (!isLive) this.#makeRoom(now);
    this.#entries.set(key, { token, expiresAt: now + claimMs });
    return 'claimed';
  }

  /** May exceed the bound by the claims in flight: work that was done must not be forgotten. */
  confirm(key: string, { keepMs, answer }: { keepMs: number; answer?: string | undefined }): void {
    if (answer === undefined) this.#answers.delete(key);
    else this.#answers.set(key, answer);
    this.#entries.set(key, Math.ceil(this.#now() + keepMs));
  }

  release(key: string, { token }: { token: string }): void {
    const entry = this.#entries.get(key);
    if (typeof entry === 'object' && entry.token === token) this.#entries.delete(key);
  }

  #repeat(key: string): ClaimResult {
    const answer = this.#answers.get(key);
    return answer === undefined ? 'confirmed' : { result: 'confirmed', answer };
  }

  #forget(key: string): void {
    this.#entries.delete(key);
    this.#answers.delete(key);
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
    let hasTurned = false;
    for (let looked = 0; looked < most; looked += 1) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#entries.entries();
        // Beyond it lies what a sweep before has passed by; an empty map ends at once, again.
        if (hasTurned) return;
        hasTurned = true;
        continue;
      }
      const [key, entry] = next.value;
      if (expiryOf(entry) <= now) this.#forget(key);
    }
  }
}

function expiryOf(entry: Entry): number {
  return typeof entry === 'number' ? entry : entry.expiresAt;
}
