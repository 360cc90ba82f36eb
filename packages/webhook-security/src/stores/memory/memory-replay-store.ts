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

/** How many entries one claim looks at to forget those that have run out, so that none pays for all. */
const SWEPT_PER_CLAIM = 8;
/** The same for a claim that finds no room. */
const SWEPT_WHEN_FULL = 256;

class MemoryStore implements MemoryReplayStore {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  readonly #claims = new Map<string, Claim>();
  /** Until when each is known: whole milliseconds, which for weeks take no memory of their own. */
  readonly #confirmed = new Map<string, number>();
  /** Of few, for most answers say nothing. */
  readonly #answers = new Map<string, string>();
  readonly #oldClaims = new Hand(
    this.#claims,
    ({ expiresAt }) => expiresAt,
    (key) => this.#claims.delete(key),
  );
  readonly #oldConfirmed = new Hand(
    this.#confirmed,
    (expiresAt) => expiresAt,
    (key) => this.#forget(key),
  );

  constructor(maxEntries: number, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#claims.size + this.#confirmed.size;
  }

  claim(key: string, { claimMs, token }: { claimMs: number; token: string }): ClaimResult {
    const now = this.#now();
    const keptUntil = this.#confirmed.get(key);
    if (keptUntil !== undefined) {
      if (keptUntil > now) return this.#repeat(key);
      this.#forget(key);
    }
    const claim = this.#claims.get(key);
    if (claim !== undefined && claim.expiresAt > now && claim.token !== token) {
      return 'claimedElsewhere';
    }
    if (claim === undefined) this.#makeRoom(now);
    this.#claims.set(key, { token, expiresAt: now + claimMs });
    return 'claimed';
  }

  /** May exceed the bound by the claims in flight: work that was done must not be forgotten. */
  confirm(key: string, { keepMs, answer }: { keepMs: number; answer?: string | undefined }): void {
    this.#claims.delete(key);
    if (answer !== undefined) this.#answers.set(key, answer);
    this.#confirmed.set(key, Math.ceil(this.#now() + keepMs));
  }

  release(key: string, { token }: { token: string }): void {
    if (this.#claims.get(key)?.token === token) this.#claims.delete(key);
  }

  #repeat(key: string): ClaimResult {
    const answer = this.#answers.get(key);
    return answer === undefined ? 'confirmed' : { result: 'confirmed', answer };
  }

  #forget(key: string): void {
    this.#confirmed.delete(key);
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
    this.#oldClaims.sweep(now, most);
    this.#oldConfirmed.sweep(now, most);
  }
}

/** Goes round a map for ever, a few entries at a time, and takes out what has run out. */
class Hand<Value> {
  readonly #entries: Map<string, Value>;
  readonly #expiryOf: (value: Value) => number;
  readonly #forget: (key: string) => void;
  #at: Iterator<[string, Value]>;

  constructor(
    entries: Map<string, Value>,
    expiryOf: (value: Value) => number,
    forget: (key: string) => void,
  ) {
    this.#entries = entries;
    this.#expiryOf = expiryOf;
    this.#forget = forget;
    this.#at = entries.entries();
  }

  sweep(now: number, most: number): void {
    for (let looked = 0; looked < most; looked += 1) {
      const next = this.#at.next();
      if (next.done === true) {
        this.#at = this.#entries.entries();
        return;
      }
      const [key, value] = next.value;
      if (this.#expiryOf(value) <= now) this.#forget(key);
    }
  }
}
