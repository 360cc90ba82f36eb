import { AbortedError } from '../errors.js';
import { callGuarded, reportFailure } from '../events/guard.js';
import { Scope } from '../operation/scope.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { inner } from './inner.js';
import type { Settled } from './outcome.js';
import type { Permit } from './permit.js';

/** A call that goes on after its operation has answered: it gives its permit back once, when all has ended. */
export class LastingCall {
  /** What the operation's signal comes from: aborted unless the call comes to its own end. */
  readonly scope = new Scope();
  readonly #breaker: CircuitBreaker;
  readonly #permit: Permit;
  readonly #signal: AbortSignal | undefined;
  #isOver = false;
  #error: AbortedError | undefined;
  #end: ((error: AbortedError) => unknown) | undefined;
  #interrupt: ((error: AbortedError) => void) | undefined;

  constructor(breaker: CircuitBreaker, permit: Permit, signal: AbortSignal | undefined) {
    this.#breaker = breaker;
    this.#permit = permit;
    this.#signal = signal;
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#abort();
      return;
    }
    try {
      signal.addEventListener('abort', this.#abort);
    } catch (error) {
      // A signal that cannot be listened to.
      permit.ignore();
      throw error;
    }
  }

  /** Whether its caller has aborted it. */
  get isAborted(): boolean {
    return this.#error !== undefined;
  }

  /** It came to its own end. */
  report(settled: Settled): void {
    if (this.#isOver) return;
    this.#over();
    this.#permit.report(settled);
  }

  /** It failed, of itself or by its consumer: nobody wants what the operation still does. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.report({ status: 'rejected', error });
    this.scope.abort(error);
  }

  /** Its consumer has given it up. */
  ignore(reason?: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#permit.ignore();
    this.scope.abort(new AbortedError({ reason }));
  }

  /** Its consumer gives it up, and what that brings is still to come. */
  unwanted(): void {
    if (!this.#isOver) this.scope.abort(new AbortedError({ reason: undefined }));
  }

  /** `end` is called if the caller aborts; at once, if that was before. What it throws is reported. */
  whenAborted(end: (error: AbortedError) => unknown): void {
    if (this.#error !== undefined) this.#tell(end, this.#error);
    else this.#end = end;
  }

  /** As `begin()` ends, or with `ABORTED` once the caller aborts. One at a time. */
  unlessAborted<T>(begin: () => PromiseLike<T> | T): Promise<T> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise<T>((resolve, reject) => {
      this.#interrupt = reject;
      Promise.resolve(begin()).then(resolve, reject);
    });
  }

  readonly #abort = (): void => {
    if (this.#isOver) return;
    this.#over();
    const error = new AbortedError({ reason: this.#signal?.reason });
    this.#error = error;
    this.#permit.ignore();
    this.scope.abort(error);
    if (this.#end !== undefined) this.#tell(this.#end, error);
    this.#interrupt?.(error);
  };

  #tell(end: (error: AbortedError) => unknown, error: AbortedError): void {
    const { onListenerError } = this.#breaker[inner].machine.settings;
    callGuarded(() => end(error), { kind: 'callback', name: 'operation' }, onListenerError);
  }

  #over(): void {
    this.#isOver = true;
    try {
      this.#signal?.removeEventListener('abort', this.#abort);
    } catch (error) {
      // A signal of the user's own making. The permit must not be lost for it.
      reportFailure(undefined, { kind: 'callback', name: 'signal', error });
    }
  }
}
