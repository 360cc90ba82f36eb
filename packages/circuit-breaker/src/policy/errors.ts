import { CircuitBreakerError, nameErrors } from '../errors.js';

/** Why a call got no place in a bulkhead. */
export type BulkheadFullReason =
  /** All places are taken, and so is the queue. */
  | 'queueFull'
  /** It waited for `maxQueueMs`. */
  | 'waitedTooLong'
  /** It waited, and in a full queue a call of a higher priority took its place. */
  | 'displaced';

/** All places are taken, and so is the queue: nothing was sent. */
export class BulkheadFullError extends CircuitBreakerError {
  readonly code = 'BULKHEAD_FULL';
  readonly reason: BulkheadFullReason;

  constructor(details: { reason: BulkheadFullReason }) {
    super(`The bulkhead has no place for the call (${details.reason}).`);
    this.reason = details.reason;
  }
}

/** More calls than the rate limit allows: nothing was sent. */
export class RateLimitedError extends CircuitBreakerError {
  readonly code = 'RATE_LIMITED';
  /** Milliseconds after which a call would be let through. */
  readonly retryAfterMs: number;

  constructor(details: { retryAfterMs: number }) {
    super(`The rate limit lets a call through in ${Math.ceil(details.retryAfterMs)} ms.`);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A policy that may run an operation more than once was given one that is not declared safe for it. */
export class NotRepeatableError extends CircuitBreakerError {
  readonly code = 'NOT_REPEATABLE';
  /** The kind of the policy. */
  readonly policy: string;

  constructor(details: { policy: string }) {
    super(
      `The operation may be run more than once by '${details.policy}': declare it with safe() or idempotent(), or leave that policy out.`,
    );
    this.policy = details.policy;
  }
}

/** A fault injected on purpose. Breakers take it for a failure. */
export class InjectedFaultError extends CircuitBreakerError {
  readonly code = 'INJECTED_FAULT';

  constructor() {
    super('A fault was injected.');
  }
}

nameErrors([
  [BulkheadFullError, 'BulkheadFullError'],
  [RateLimitedError, 'RateLimitedError'],
  [NotRepeatableError, 'NotRepeatableError'],
  [InjectedFaultError, 'InjectedFaultError'],
]);
