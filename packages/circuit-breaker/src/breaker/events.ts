import type { RejectionReason } from '../errors.js';
import type { Outcome } from './outcome.js';
import type { CircuitState } from './state.js';
import type { CloseReason, OpenReason } from './state-machine.js';

/** The events of a breaker. The state has changed, and the caller's promise is not settled yet, when they come. */
export interface CircuitBreakerEvents {
  /** It lets no call through from now on. */
  opened: {
    readonly breaker: string;
    readonly from: CircuitState;
    readonly reason: OpenReason;
    /** Milliseconds until trial calls are let through. */
    readonly retryAfterMs: number;
    /** Finished calls in the window at that moment. */
    readonly calls: number;
    /** Failures among them. */
    readonly failures: number;
  };
  /** It lets trial calls through from now on. */
  halfOpened: { readonly breaker: string; readonly from: CircuitState };
  /** It lets all calls through from now on. */
  closed: { readonly breaker: string; readonly from: CircuitState; readonly reason: CloseReason };
  /** It refused a call. */
  rejected: {
    readonly breaker: string;
    readonly reason: RejectionReason;
    readonly retryAfterMs: number;
  };
  /** A call counted as a success. */
  succeeded: { readonly breaker: string };
  /** A call counted as a failure. */
  failed: {
    readonly breaker: string;
    /** What it was rejected with; undefined if a value was classed as a failure. */
    readonly error: unknown;
  };
  /** A call ended and says nothing about the other side. */
  ignored: {
    readonly breaker: string;
    /** What it was rejected with, if it was. */
    readonly error: unknown;
  };
  /** A call ended that began before the last change of state: nothing was counted. */
  lateResultDropped: { readonly breaker: string; readonly outcome: Outcome };
}
