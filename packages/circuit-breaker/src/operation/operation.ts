import type { Repeatable } from './repeatable.js';
import type { Scope } from './scope.js';

/** What an operation is given. */
export interface OperationContext {
  /** Aborted when the result is no longer wanted. Made when it is first read. */
  readonly signal: AbortSignal;
  /** 1 for the first try; retries and hedges count on. */
  readonly attempt: number;
  /** Milliseconds to the nearest deadline of the policies around it, to hand on; infinite without one. */
  readonly remainingMs: number;
}

/** What a policy calls. */
export type Operation<T> = (context: OperationContext) => T | PromiseLike<T>;

/** The context of one try inside policies. */
export class TryContext implements OperationContext {
  readonly attempt: number;
  readonly #scope: Scope;

  constructor(scope: Scope, attempt: number) {
    this.#scope = scope;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get remainingMs(): number {
    return this.#scope.remainingMs;
  }
}

/** An operation that may be run more than once, made by `safe` or `idempotent`. */
export type RepeatableOperation<T> = Operation<T> & Repeatable;
