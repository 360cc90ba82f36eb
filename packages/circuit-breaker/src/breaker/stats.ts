import type { CircuitState } from './state.js';

/** A breaker's numbers at one moment. */
export interface CircuitBreakerStats {
  readonly state: CircuitState;
  /** Held by `forceOpen()` or `forceClosed()`. */
  readonly held: boolean;
  /** Milliseconds until a call may be let in; 0 if one may be now. */
  readonly retryAfterMs: number;
  /** Permits out, from every generation. */
  readonly inFlight: number;
  /** Finished calls the failure rate is taken from; while open, those that opened it, as far as they are not too old. */
  readonly window: {
    readonly calls: number;
    readonly failures: number;
    /** 0 to 1; 0 without calls. */
    readonly failureRate: number;
  };
  /** Only while half-open. */
  readonly trials: { readonly running: number; readonly succeeded: number } | undefined;
  /** Since the breaker was made. */
  readonly totals: CircuitBreakerTotals;
}

/** How calls ended, since the breaker was made. */
export interface CircuitBreakerTotals {
  readonly succeeded: number;
  readonly failed: number;
  readonly ignored: number;
  readonly rejected: number;
  readonly late: number;
}
