import { CircuitBreakerError, nameErrors } from '../../errors.js';
import type { HttpAnswer } from './answer.js';

/**
 * An answer that speaks of trouble, on its way through the policies: retries, hedges and breakers look at
 * errors. The caller is given the answer itself.
 */
export class HttpStatusError extends CircuitBreakerError {
  readonly code = 'HTTP_STATUS';
  readonly status: number;
  /** Milliseconds that the answer asks to wait, if it does. */
  readonly retryAfterMs: number | undefined;
  readonly #answer: HttpAnswer;

  constructor(details: {
    answer: HttpAnswer;
    status: number;
    retryAfterMs: number | undefined;
  }) {
    super(`The other side answered with ${details.status}.`);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.#answer = details.answer;
  }

  /** Its body may have been let go of, if another attempt followed. */
  get answer(): HttpAnswer {
    return this.#answer;
  }
}

nameErrors([[HttpStatusError, 'HttpStatusError']]);
