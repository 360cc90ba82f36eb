import type { RejectionReason } from '../errors.js';
import type { ChangeableOptions } from '../options.js';
import type { Outcome } from './outcome.js';
import type { CircuitState } from './state.js';
import type { CloseReason, OpenReason } from './transition.js';

interface Named {
  /** Name of the breaker. */
  readonly breaker: string;
}

interface Opening extends Named {
  readonly from: CircuitState;
  readonly reason: OpenReason;
  /** Milliseconds until trial calls are let through. */
  readonly retryAfterMs: number;
  /** Finished calls in the window at that moment. */
  readonly calls: number;
  /** Failures among them. */
  readonly failures: number;
  /** Slow calls among them. */
  readonly slow: number;
}

interface Timed extends Named {
  /** How long the call took in ms; undefined unless calls are timed (`slowCalls`, `latency`). */
  readonly durationMs: number | undefined;
}

interface Held extends Named {
  readonly kind: 'open' | 'closed';
  readonly reason: string | undefined;
}

/** The events of a breaker. The state has changed, and the caller's promise is not settled yet, when they come. */
export interface CircuitBreakerEvents {
  /** It lets no call through from now on. */
  opened: Opening;
  /** In mode `shadow`: it would let no call through from now on. */
  wouldOpen: Opening;
  /** It lets trial calls through from now on. */
  halfOpened: Named & { readonly from: CircuitState };
  /** The trials succeeded; it lets a growing share of the calls through from now on. */
  rampUpStarted: Named & { readonly from: CircuitState };
  /** It lets all calls through from now on. */
  closed: Named & { readonly from: CircuitState; readonly reason: CloseReason };
  /** It refused a call. */
  rejected: Named & { readonly reason: RejectionReason; readonly retryAfterMs: number };
  /** A call counted as a success. */
  succeeded: Timed;
  /** A call counted as a failure. */
  failed: Timed & {
    /** What it was rejected with; undefined if a value was classed as a failure. */
    readonly error: unknown;
  };
  /** A call ended and says nothing about the other side. */
  ignored: Timed & {
    /** What it was rejected with, if it was. */
    readonly error: unknown;
  };
  /** A call ended that began before the last change of state: nothing was counted. */
  lateResultDropped: Named & { readonly outcome: Outcome };
  /** Someone holds it open or closed. */
  held: Held;
  /** Such a hold was released. */
  released: Held;
  /** Its options were changed. */
  updated: Named & { readonly changes: ChangeableOptions };
  /** A state was imported. */
  restored: Named & { readonly state: CircuitState };
  /** It was shut down, for good. */
  shutDown: Named;
}
