import type { CircuitBreakerError } from '../errors.js';

const NOW = Promise.resolve();

/** One error for all callers that are refused in a generation: to make one for each would cost ten times the rest. */
export class Refusal {
  readonly error: CircuitBreakerError;
  #shared: Promise<never> | undefined;

  constructor(error: CircuitBreakerError) {
    this.error = error;
  }

  /**
   * A rejected promise of the caller's own. Thrown a moment later, when the caller awaits already: a
   * promise that is rejected before anyone has asked for it costs more, for it must be watched.
   */
  own(): Promise<never> {
    return NOW.then(this.#throw);
  }

  /** The same rejected promise for everybody. Nobody is told if it is never awaited. */
  shared(): Promise<never> {
    if (this.#shared === undefined) {
      this.#shared = Promise.reject(this.error);
      this.#shared.catch(() => {});
    }
    return this.#shared;
  }

  readonly #throw = (): never => {
    throw this.error;
  };
}
