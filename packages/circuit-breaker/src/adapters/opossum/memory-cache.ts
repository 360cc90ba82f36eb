import { systemClock } from '../../ports/system-clock.js';

/** As many entries as a `Map` takes. */
const MOST_ENTRIES = 2 ** 24 - 1;

/** A kept result. */
export interface CacheEntry {
  /** Calendar time in ms; 0 for never. */
  readonly expiresAt: number;
  readonly value: unknown;
}

/** Where results are kept. `get` must answer at once: a promise it returns is taken for the kept result. */
export interface CircuitCache {
  /** @returns what was kept, or undefined */
  get(key: string): unknown;
  /** @param expiresAt calendar time in ms since 1970; 0 for never */
  set(key: string, value: unknown, expiresAt: number): void;
  /** Forgets all. */
  flush(): void;
}

/** Keeps results in memory, the oldest of which makes room for a new one. */
export class MemoryCache implements CircuitCache {
  readonly cache: Map<string, CacheEntry> = new Map();
  readonly maxEntries: number;

  /** @param maxEntries default 16,777,215 */
  constructor(maxEntries: number = MOST_ENTRIES) {
    this.maxEntries = maxEntries;
  }

  get(key: string): unknown {
    const entry = this.cache.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt === 0 || entry.expiresAt > systemClock.wallTime()) return entry.value;
    this.cache.delete(key);
    return undefined;
  }

  set(key: string, value: unknown, expiresAt = 0): void {
    if (this.maxEntries < 1) return;
    if (this.cache.size >= this.maxEntries && !this.cache.has(key)) this.#dropOldest();
    this.cache.set(key, { expiresAt, value });
  }

  delete(key: string): void {
    this.cache.delete(key);
  }

  flush(): void {
    this.cache.clear();
  }

  #dropOldest(): void {
    for (const key of this.cache.keys()) {
      this.cache.delete(key);
      return;
    }
  }
}
