import type {
  BulkheadFullError,
  InjectedFaultError,
  NotRepeatableError,
  RateLimitedError,
} from './policy/errors.js';
import type { HttpStatusError } from './policy/standard-http/status-error.js';

/** Why an error of this package was thrown. The list is closed. */
export type CircuitBreakerErrorCode = keyof ErrorByCode;

/** Marks the errors of every copy of this package, so that ESM and CommonJS copies know each other's. */
const brand: unique symbol = Symbol.for('@nestcms/circuit-breaker.error');

/** The base of all errors of this package. Tell them apart by `code`, or by {@link isCircuitBreakerError}. */
export abstract class CircuitBreakerError extends Error {
  abstract readonly code: CircuitBreakerErrorCode;

  get [brand](): true {
    return true;
  }
}

/** Which of a breaker's reasons made it refuse a call. */
export type RejectionReason =
  /** Too many calls failed; it waits for `openForMs`. */
  | 'open'
  /** Held open by `holdOpen()`. */
  | 'heldOpen'
  /** Half-open, and all places for trial calls are taken. */
  | 'trialsBusy'
  /** Its trials succeeded, and it lets a growing share of the calls through. */
  | 'rampingUp';

/** The breaker let no call through: nothing was sent, so it is safe to try again later. */
export class BreakerOpenError extends CircuitBreakerError {
  readonly code = 'BREAKER_OPEN';
  /** Name of the breaker. */
  readonly breaker: string;
  readonly reason: RejectionReason;
  readonly #retryAfterMs: number | (() => number);

  /** @param details `retryAfterMs` may be a function, which is asked each time someone reads it */
  constructor(details: {
    breaker: string;
    reason: RejectionReason;
    retryAfterMs: number | (() => number);
  }) {
    super(`Breaker '${details.breaker}' lets no call through (${details.reason}).`);
    this.breaker = details.breaker;
    this.reason = details.reason;
    this.#retryAfterMs = details.retryAfterMs;
  }

  /** Milliseconds after which a call may be let through again, counted from now; never negative. */
  get retryAfterMs(): number {
    const wait = this.#retryAfterMs;
    return typeof wait === 'number' ? wait : wait();
  }
}

/** The breaker was shut down, which is final: nothing was sent. */
export class BreakerShutDownError extends CircuitBreakerError {
  readonly code = 'BREAKER_SHUT_DOWN';
  /** Name of the breaker. */
  readonly breaker: string;

  constructor(details: { breaker: string }) {
    super(`Breaker '${details.breaker}' was shut down.`);
    this.breaker = details.breaker;
  }
}

/**
 * What `make` gives, without a stack trace: the trace takes most of the time of an error, and is of no
 * use where all it would show is who asked, or a timer.
 */
export const withoutStack = <E extends Error>(make: () => E): E => {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (limit?.writable !== true) return make();
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit.value;
  }
};

/** The operation was not done in time. It may still be running, and may still take effect. */
export class TimeoutError extends CircuitBreakerError {
  readonly code = 'TIMEOUT';
  /** The limit that was passed, in milliseconds. */
  readonly timeoutMs: number;

  constructor(details: { timeoutMs: number }) {
    super(`The operation did not end within ${details.timeoutMs} ms.`);
    this.timeoutMs = details.timeoutMs;
  }
}

/** The caller's signal was aborted: `cause` is its reason. Or the attempt lost against another of the same call. */
export class AbortedError extends CircuitBreakerError {
  readonly code = 'ABORTED';

  constructor(details: { reason: unknown; message?: string }) {
    const { reason, message = 'The caller aborted the operation.' } = details;
    super(message, { cause: reason });
  }
}

/** An option is unknown or impossible. */
export class InvalidOptionError extends CircuitBreakerError {
  readonly code = 'INVALID_OPTION';
  /** The option's path, such as `halfOpen.trials`. */
  readonly option: string;
  /** What was given. Not enumerable, so that no log shows it: it may hold a secret. */
  declare readonly value: unknown;
  /** What would have been accepted, in words. */
  readonly allowed: string;

  /**
   * @param details `isWord`: the option is a word or a name, and a text given for it is shown.
   * Anywhere else a text may be a connection string.
   */
  constructor(details: { option: string; value: unknown; allowed: string; isWord?: boolean }) {
    const { option, value, allowed, isWord = false } = details;
    super(`Option '${option}' must be ${allowed}; it is ${inWords(value, isWord)}.`);
    this.option = option;
    Object.defineProperty(this, 'value', { value });
    this.allowed = allowed;
  }
}

/** An exported state that cannot be taken in. */
export class InvalidSnapshotError extends CircuitBreakerError {
  readonly code = 'INVALID_SNAPSHOT';
  /** Path of what is wrong in it, such as `window.calls`; empty for the whole. */
  readonly path: string;
  /** What would have been accepted, in words. */
  readonly allowed: string;

  constructor(details: { path: string; allowed: string }) {
    const part = details.path === '' ? 'The snapshot' : `The snapshot's '${details.path}'`;
    super(`${part} must be ${details.allowed}.`);
    this.path = details.path;
    this.allowed = details.allowed;
  }
}

/**
 * Gives each class its name: on the prototype, where the first line of the stack is taken from, and
 * out of what is inspected. Not inside the classes: a class that says its own name there gets another
 * from the build.
 */
export const nameErrors = (
  names: readonly (readonly [{ readonly prototype: Error }, string])[],
): void => {
  for (const [{ prototype }, value] of names) {
    Object.defineProperty(prototype, 'name', { value, writable: true, configurable: true });
  }
};

nameErrors([
  [BreakerOpenError, 'BreakerOpenError'],
  [TimeoutError, 'TimeoutError'],
  // The platform's name for it, which much code looks for.
  [AbortedError, 'AbortError'],
  [InvalidOptionError, 'InvalidOptionError'],
  [BreakerShutDownError, 'BreakerShutDownError'],
  [InvalidSnapshotError, 'InvalidSnapshotError'],
]);

/** Short, and safe for any value: objects and functions, and texts unless words, are named by their kind. */
export const inWords = (value: unknown, isWord: boolean): string => {
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return isWord ? `'${value.slice(0, 100)}'` : `a text of ${value.length} characters`;
  }
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `${value as number | bigint | boolean | undefined}`;
};

interface ErrorByCode {
  BREAKER_OPEN: BreakerOpenError;
  TIMEOUT: TimeoutError;
  ABORTED: AbortedError;
  INVALID_OPTION: InvalidOptionError;
  BREAKER_SHUT_DOWN: BreakerShutDownError;
  INVALID_SNAPSHOT: InvalidSnapshotError;
  BULKHEAD_FULL: BulkheadFullError;
  RATE_LIMITED: RateLimitedError;
  NOT_REPEATABLE: NotRepeatableError;
  INJECTED_FAULT: InjectedFaultError;
  HTTP_STATUS: HttpStatusError;
}

/** Any error of this package, told apart by `code`. */
export type AnyCircuitBreakerError = ErrorByCode[keyof ErrorByCode];

/**
 * Whether `error` comes from this package (any copy of it), and, if `code` is given, for that reason.
 * Never throws.
 */
export function isCircuitBreakerError(error: unknown): error is AnyCircuitBreakerError;
export function isCircuitBreakerError<C extends CircuitBreakerErrorCode>(
  error: unknown,
  code: C,
): error is ErrorByCode[C];
export function isCircuitBreakerError(error: unknown, code?: CircuitBreakerErrorCode): boolean {
  // To have it thrown below would cost microseconds for each call that is rejected with nothing.
  if (typeof error !== 'object' || error === null) return false;
  const marked = error as { [brand]?: unknown; code?: unknown };
  try {
    return marked[brand] === true && (code === undefined || marked.code === code);
  } catch {
    // An object that throws when it is looked at.
    return false;
  }
}
