import type { Clock } from '../../ports/clock.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import { RecentEntries } from './recent-entries.js';

export interface ResultsOptions {
  readonly ttlMs: number;
  readonly staleIfErrorMs: number;
  readonly maxEntries: number;
  readonly clock: Clock;
}

/** A result, and how old it is. */
export interface KeptResult {
  readonly value: unknown;
  readonly ageMs: number;
}

/** Results by key, for as long as they are of use. */
export class Results {
  readonly #ttlMs: number;
  readonly #keepMs: number;
  readonly #entries: RecentEntries;
  readonly #time: ElapsedTime;

  constructor({ ttlMs, staleIfErrorMs, maxEntries, clock }: ResultsOptions) {
    this.#ttlMs = ttlMs;
    this.#keepMs = ttlMs + staleIfErrorMs;
    this.#entries = new RecentEntries(maxEntries);
    this.#time = ElapsedTime.of(clock);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** One that may be given out as it is. */
  fresh(key: string): KeptResult | undefined {
    return this.#youngerThan(this.#ttlMs, key);
  }

  /** One that may be given out where the alternative is an error. */
  usable(key: string): KeptResult | undefined {
    return this.#youngerThan(this.#keepMs, key);
  }

  keep(key: string, value: unknown): void {
    this.#entries.set(key, { value, keptAt: this.#time.read() });
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #youngerThan(limitMs: number, key: string): KeptResult | undefined {
    const entry = this.#entries.peek(key);
    if (entry === undefined) return undefined;
    const ageMs = this.#time.read() - entry.keptAt;
    if (ageMs >= this.#keepMs) this.#entries.delete(key);
    if (ageMs >= limitMs) return undefined;
    this.#entries.touch(key);
    return { value: entry.value, ageMs };
  }
}
