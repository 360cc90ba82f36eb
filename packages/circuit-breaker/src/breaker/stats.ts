import type { BreakerMode } from '../options.js';
import type { CircuitState } from './state.js';

/** A breaker's numbers at one moment. */
export interface CircuitBreakerStats {
  readonly state: CircuitState;
  readonly mode: BreakerMode;
  /** Held by `holdOpen()` or `holdClosed()`: which of them decides now. */
  readonly held: 'open' | 'closed' | undefined;
  /** Milliseconds until a call may be let in; 0 if one may be now, infinite once it is shut down. */
  readonly retryAfterMs: number;
  /** Permits out, from every generation. */
  readonly inFlight: number;
  /** Callers that wait for a trial's place. */
  readonly waiting: number;
  /** Finished calls the rates are taken from; while open, those that opened it, as far as they are not too old. */
  readonly window: {
    readonly calls: number;
    readonly failures: number;
    readonly slow: number;
    /** 0 to 1, by weight; 0 without calls. */
    readonly failureRate: number;
    /** 0 to 1, by weight; 0 without calls. Of finished calls alone. */
    readonly slowRate: number;
  };
  readonly failuresInARow: number;
  /** Only while half-open and not ramping up. */
  readonly trials:
    | { readonly running: number; readonly succeeded: number; readonly failed: number }
    | undefined;
  /** Share of the calls let through, while ramping up. */
  readonly share: number | undefined;
  /** How long calls took, if `latency` is on and calls ended lately. */
  readonly latency: LatencyStats | undefined;
  /** Since the breaker was made. */
  readonly totals: CircuitBreakerTotals;
}

/** How long calls took, in ms, 2 % off at most. */
export interface LatencyStats {
  readonly calls: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How calls ended and how often it opened, since the breaker was made. */
export interface CircuitBreakerTotals {
  readonly succeeded: number;
  readonly failed: number;
  readonly ignored: number;
  readonly rejected: number;
  readonly late: number;
  /** How often it opened. */
  readonly opened: number;
}
