import type { CircuitBreakerError } from '../errors.js';
import { Rethrown } from '../operation/rethrown.js';

/** One error for all callers that are refused in a generation: to make one for each would cost ten times the rest. */
export class Refusal {
  readonly error: CircuitBreakerError;
  readonly #rethrown: Rethrown;
  #shared: Promise<never> | undefined;

  constructor(error: CircuitBreakerError) {
    this.error = error;
    this.#rethrown = new Rethrown(error);
  }

  /**
   * A rejected promise of the caller's own. Rejected a moment later, when the caller awaits already: a
   * promise that is rejected before anyone has asked for it costs more, for it must be watched. And
   * by way of a thenable, which costs a third of what `throw` does.
   */
  own(): Promise<never> {
    return Promise.resolve(this.#rethrown);
  }

  /** The same rejected promise for everybody. Nobody is told if it is never awaited. */
  shared(): Promise<never> {
    if (this.#shared === undefined) {
      this.#shared = Promise.reject(this.error);
      this.#shared.catch(() => {});
    }
    return this.#shared;
  }
}
