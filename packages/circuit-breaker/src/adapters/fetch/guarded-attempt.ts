import type { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { defaultClassify } from '../../breaker/default-classify.js';
import type { Classification, Settled } from '../../breaker/outcome.js';
import type { Permit } from '../../breaker/permit.js';
import type { OperationContext } from '../../operation/operation.js';
import { statusOf } from '../../policy/standard-http/answer.js';
import { type HttpBreakers, outcomeOf } from '../http/http-breakers.js';
import { classifyAbort, classifyAnswer, type HttpRequestFacts } from '../http/http-end.js';
import { isOwnFault } from '../http/is-own-fault.js';
import { anySignal } from './any-signal.js';
import { type BodyPermit, countedBody, hasCountableBody } from './counted-body.js';
import type { AnyFetch } from './fetch-options.js';
import type { OutgoingRequest } from './outgoing-request.js';

export interface AttemptParts {
  readonly request: OutgoingRequest;
  readonly facts: HttpRequestFacts;
  readonly fetch: AnyFetch;
  readonly breaker: CircuitBreaker;
  readonly breakers: HttpBreakers;
  readonly countAt: 'headers' | 'end';
}

/** Sends a request once, if the breaker lets it through, and counts how it ends. */
export const attempt = async (parts: AttemptParts, context: OperationContext): Promise<unknown> => {
  const { signal } = context;
  const permit = await enter(parts.breaker, signal);
  return new Attempt(parts, permit, signal).send();
};

const enter = (breaker: CircuitBreaker, signal: AbortSignal): Permit | Promise<Permit> => {
  if (breaker.mayWait) return breaker.acquire({ signal });
  const permit = breaker.tryAcquire();
  if (permit === undefined) throw breaker.openError();
  return permit;
};

const ANSWERED: Settled = { status: 'fulfilled', value: undefined };

class Attempt {
  readonly #parts: AttemptParts;
  readonly #permit: Permit;
  /** Of the policies: aborted when they give the attempt up. */
  readonly #signal: AbortSignal;

  constructor(parts: AttemptParts, permit: Permit, signal: AbortSignal) {
    this.#parts = parts;
    this.#permit = permit;
    this.#signal = signal;
  }

  async send(): Promise<unknown> {
    const { request, fetch } = this.#parts;
    // The caller's beside it: it still ends the body once the answer is there, when the policies have ended.
    const signal = anySignal(this.#signal, request.signal);
    this.#signal.addEventListener('abort', this.#givenUp, { once: true });
    try {
      return this.#answered(await request.send(fetch, signal));
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', this.#givenUp);
    }
  }

  #answered(response: unknown): unknown {
    const { breakers, facts, countAt } = this.#parts;
    const statusCode = statusOf(response);
    if (statusCode === undefined) {
      this.#permit.success();
      return response;
    }
    const { headers } = response as { readonly headers?: Partial<Headers> };
    const header = (name: string) => headers?.get?.(name) ?? undefined;
    const retryAfterMs = breakers.retryAfterMs(response as object);
    const classification = breakers.classify(
      { ...facts, statusCode, header, retryAfterMs },
      classifyAnswer(statusCode, retryAfterMs),
    );
    const isGood = outcomeOf(classification) === 'success';
    if (countAt === 'end' && isGood && hasCountableBody(response)) {
      return countedBody(response, this.#permitOfBody(classification));
    }
    breakers.report(this.#permit, ANSWERED, classification);
    return response;
  }

  /** @param classification what the answer counts as if its body comes to an end */
  #permitOfBody(classification: Classification): BodyPermit {
    return {
      report: (settled) => {
        if (settled.status === 'rejected') this.#failed(settled.error);
        else this.#parts.breakers.report(this.#permit, settled, classification);
      },
      ignore: () => this.#permit.ignore(),
    };
  }

  /** The policies gave it up, and wait no longer for a `fetch` that may not heed its signal. */
  readonly #givenUp = (): void => {
    const { signal } = this.#parts.request;
    this.#failed(signal?.aborted ? signal.reason : this.#signal.reason);
  };

  #failed(error: unknown): void {
    if (this.#permit.isSettled) return;
    const { breakers, facts } = this.#parts;
    const classification = breakers.classify({ ...facts, error }, this.#classifyError(error));
    breakers.report(this.#permit, { status: 'rejected', error }, classification);
  }

  #classifyError(error: unknown): Classification {
    const { request } = this.#parts;
    if (request.signal?.aborted) return classifyAbort(request.signal.reason);
    if (this.#signal.aborted) return classifyAbort(this.#signal.reason);
    const { cause = error } = Object(error) as { readonly cause?: unknown };
    const isOurs = isOwnFault(cause, undefined) || request.isMalformed;
    return isOurs ? 'ignored' : defaultClassify({ status: 'rejected', error });
  }
}
