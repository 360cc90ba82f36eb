import type { Layer } from '../operation/layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { LONGEST_MS, readNumber, refuseUnknown } from '../validation.js';
import { CacheLayer } from './cache/cache-layer.js';
import type { CacheEvents } from './cache/events.js';
import { Results } from './cache/results.js';
import { SharedCalls } from './sharing/shared-calls.js';

/** Defaults of a cache, with the reason for each. */
export const CACHE_DEFAULTS = Object.freeze({
  /** Milliseconds after `ttlMs` in which a result stands in for an error. None: an old answer may be worse than none. */
  staleIfErrorMs: 0,
  /** Results kept. Enough for what is asked often, and a bound if keys never come again. */
  maxEntries: 1000,
} as const);

export interface CacheOptions extends PolicyOptions {
  /** Milliseconds for which a result is given out again; above 0, to 30 days. There is no default: only you know what is too old. */
  readonly ttlMs: number;
  /** Milliseconds after that in which it is given out where a call fails; 0 to 30 days; default 0. */
  readonly staleIfErrorMs?: number | undefined;
  /** Results kept; the one that was not used for the longest time goes first. 1 to 1,000,000; default 1,000. */
  readonly maxEntries?: number | undefined;
}

/**
 * Keeps results by `key`, and gives out the same object again. Failures are not kept, and calls that miss at
 * once share one run, as with `coalesce`. A call without a key passes straight through.
 */
export class CachePolicy extends Policy<never, false, CacheEvents> {
  readonly kind = 'cache';
  readonly repeats = false;
  /** A call that joins another keeps the context of its caller by itself. */
  readonly runsLater = false;
  readonly #results: Results;
  readonly #calls = new SharedCalls();

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: CacheOptions) {
    refuseUnknown('', options, ['ttlMs', 'staleIfErrorMs', 'maxEntries', ...POLICY_OPTIONS]);
    super(options);
    const ms = { min: 0, max: LONGEST_MS, unit: 'ms' };
    const { staleIfErrorMs, maxEntries } = CACHE_DEFAULTS;
    this.#results = new Results({
      ttlMs: readNumber('ttlMs', options.ttlMs, undefined, { ...ms, above: true }),
      staleIfErrorMs: readNumber('staleIfErrorMs', options.staleIfErrorMs, staleIfErrorMs, ms),
      maxEntries: readNumber('maxEntries', options.maxEntries, maxEntries, {
        min: 1,
        max: 1_000_000,
        integer: true,
        unit: 'entries',
      }),
      clock: this.clock,
    });
  }

  /** Results kept, those too that are too old but not yet dropped. */
  get size(): number {
    return this.#results.size;
  }

  /** Keys for which a call runs that others may join. */
  get running(): number {
    return this.#calls.running;
  }

  /**
   * Forgets the result of `key`. A call for it that runs now still answers its callers, but what it brings is
   * not kept, and nobody joins it any more.
   * @returns whether there was a result
   */
  delete(key: string): boolean {
    this.#calls.detach(key);
    return this.#results.delete(key);
  }

  /** Forgets all results, as `delete` does. */
  clear(): void {
    this.#calls.detachAll();
    this.#results.clear();
  }

  layer(next: Layer): Layer {
    return new CacheLayer(next, {
      results: this.#results,
      calls: this.#calls,
      teller: {
        hears: (event) => this.isHeard(event),
        tell: (event, payload) => this.emit(event, payload),
      },
    });
  }
}

/**
 * Keeps results by key: `cache({ ttlMs: 60_000 }).execute(fetchRates, { key: 'rates' })`.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const cache = (options: CacheOptions): CachePolicy => new CachePolicy(options);
