import { InvalidOptionError } from '../errors.js';
import type { Layer } from '../operation/layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { LONGEST_MS, readChoice, readNumber, refuseUnknown } from '../validation.js';
import type { RateLimitEvents } from './rate-limit/events.js';
import type { PermitStore } from './rate-limit/permit-store.js';
import { RateLimitLayer } from './rate-limit/rate-limit-layer.js';
import { SlidingWindow } from './rate-limit/sliding-window.js';
import { TokenBucket } from './rate-limit/token-bucket.js';
import { Turns } from './rate-limit/turns.js';

/** Defaults of a rate limit, with the reason for each. */
export const RATE_LIMIT_DEFAULTS = Object.freeze({
  /** Even, forgiving to short bursts, and one number to remember. */
  kind: 'tokenBucket',
  /** Milliseconds for which `limit` calls are allowed. A second, as most limits are given. */
  intervalMs: 1000,
  /** Milliseconds a call waits at most. None: who is told at once can do something else. */
  maxWaitMs: 0,
} as const);

interface CommonOptions extends PolicyOptions {
  /**
   * Calls in each `intervalMs`; 1 to 1,000,000, and at most 1,000 per millisecond. There is no default: only
   * you know what the other side allows.
   */
  readonly limit: number;
  /** Milliseconds; 1 to 30 days; default 1,000. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds a call may wait for its turn; 0 to 30 days; default 0: it is refused. */
  readonly maxWaitMs?: number | undefined;
}

export interface TokenBucketLimitOptions extends CommonOptions {
  /** Permits come one by one, evenly, and are kept up to `burst`. The default. */
  readonly kind?: 'tokenBucket' | undefined;
  /** Calls that may come at once after a quiet time; 1 to 1,000,000; default `limit`. */
  readonly burst?: number | undefined;
}

export interface SlidingWindowLimitOptions extends CommonOptions {
  /** At most `limit` calls in any stretch of `intervalMs`, exactly. Remembers up to `limit` times. */
  readonly kind: 'slidingWindow';
}

export type RateLimitOptions = TokenBucketLimitOptions | SlidingWindowLimitOptions;

const COMMON = ['kind', 'limit', 'intervalMs', 'maxWaitMs', ...POLICY_OPTIONS];

/** Lets so many calls begin in a time. Others wait for their turn, in order, or end with `RATE_LIMITED`. */
export class RateLimitPolicy extends Policy<never, false, RateLimitEvents> {
  readonly kind = 'rateLimit';
  readonly repeats = false;
  /** A call that waits keeps the context of its caller by itself. */
  readonly runsLater = false;
  readonly #turns: Turns;
  readonly #maxWaitMs: number;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: RateLimitOptions) {
    refuseUnknown('', options, [...COMMON, 'burst']);
    super(options);
    const { clock, onListenerError } = this;
    this.#maxWaitMs = readNumber('maxWaitMs', options.maxWaitMs, RATE_LIMIT_DEFAULTS.maxWaitMs, {
      min: 0,
      max: LONGEST_MS,
      unit: 'ms',
    });
    this.#turns = new Turns({
      store: createStore(options),
      clock,
      maxWaitMs: this.#maxWaitMs,
      onListenerError,
      tellLimited: (told) => this.emit('limited', told),
    });
  }

  /** Permits that are there: so many calls would be let through now. */
  get available(): number {
    return this.#turns.available;
  }

  /** Calls that wait for a permit. */
  get queued(): number {
    return this.#turns.waiting;
  }

  layer(next: Layer): Layer {
    return new RateLimitLayer(next, this.#turns, this.#maxWaitMs);
  }
}

/** The permits of this process alone. */
const createStore = (options: RateLimitOptions): PermitStore => {
  const { kind = RATE_LIMIT_DEFAULTS.kind } = options;
  readChoice('kind', kind, ['tokenBucket', 'slidingWindow']);
  const intervalMs = readNumber('intervalMs', options.intervalMs, RATE_LIMIT_DEFAULTS.intervalMs, {
    min: 1,
    max: LONGEST_MS,
    unit: 'ms',
  });
  const calls = { min: 1, max: 1_000_000, integer: true, unit: 'calls' };
  const limit = readNumber('limit', options.limit, undefined, {
    ...calls,
    max: Math.min(calls.max, Math.floor(intervalMs * 1000)),
  });
  const { burst } = options as TokenBucketLimitOptions;
  if (kind === 'tokenBucket') {
    return new TokenBucket({ limit, intervalMs, burst: readNumber('burst', burst, limit, calls) });
  }
  if (burst === undefined) return new SlidingWindow({ limit, intervalMs });
  const allowed = 'left out, for a sliding window allows no more than its limit';
  throw new InvalidOptionError({ option: 'burst', value: burst, allowed });
};

/**
 * Lets so many calls begin in a time: `rateLimit({ limit: 100, intervalMs: 1000 })`. For this process alone:
 * others that call the same side have limits of their own.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const rateLimit = (options: RateLimitOptions): RateLimitPolicy =>
  new RateLimitPolicy(options);
