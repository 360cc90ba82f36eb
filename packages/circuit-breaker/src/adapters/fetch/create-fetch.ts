import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { InvalidOptionError, isCircuitBreakerError } from '../../errors.js';
import { askGuarded } from '../../events/guard.js';
import type { PipelinePart } from '../../pipeline/pipeline.js';
import { standardHedgedHttp, standardHttp } from '../../policy/standard-http.js';
import type { BreakerGroup } from '../../registry/breaker-group.js';
import { readChoice, readFunction, refuseUnknown } from '../../validation.js';
import { HttpBreakers } from '../http/http-breakers.js';
import { HTTP_OPTIONS, type HttpAdapterOptions } from '../http/http-options.js';
import { type AnyFetch, type CreateFetchOptions, FETCH_DEFAULTS } from './fetch-options.js';
import { FetchPolicies } from './fetch-policies.js';
import { attempt } from './guarded-attempt.js';
import { OutgoingRequest } from './outgoing-request.js';

const STANDARD = [
  'totalTimeoutMs',
  'attemptTimeoutMs',
  'bulkhead',
  'retry',
  'budget',
  'hedge',
] as const;
const OPTIONS = [...HTTP_OPTIONS, ...STANDARD, 'fetch', 'policy', 'isIdempotent', 'countAt'];
const IDEMPOTENT = { kind: 'callback', name: 'isIdempotent', expected: 'true or false' } as const;

/** A `fetch` with policies around it, and their breakers. */
export type GuardedFetch<F extends AnyFetch> = F & {
  /** By key, for events, statistics and holds. */
  readonly breakers: BreakerGroup;
};

/**
 * Gives a function with the signature of `fetch` that has what an HTTP call needs around it, for each origin
 * apart: time limits, a bulkhead, a circuit breaker, and retries of what may be sent more than once.
 *
 * It is fulfilled with the answer of `fetch`, whatever its status, also with the last one of several attempts.
 * It rejects as `fetch` does, with the reason of a signal that was aborted, or with an error of this package:
 * `BREAKER_OPEN`, `BREAKER_SHUT_DOWN`, `BULKHEAD_FULL`, `TIMEOUT`, and what a policy of your own rejects with.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const createFetch = <F extends AnyFetch = typeof globalThis.fetch>(
  options: CreateFetchOptions<F> = {},
): GuardedFetch<F> => {
  refuseUnknown('', options, OPTIONS);
  const client = new FetchClient(options as CreateFetchOptions<AnyFetch>);
  const guarded = (input: string | URL | Request, init?: RequestInit) => client.fetch(input, init);
  return Object.assign(guarded as unknown as F, { breakers: client.breakers.group });
};

class FetchClient {
  readonly breakers: HttpBreakers;
  readonly #options: CreateFetchOptions<AnyFetch>;
  readonly #countAt: 'headers' | 'end';
  readonly #policies = new WeakMap<CircuitBreaker, FetchPolicies>();

  constructor(options: CreateFetchOptions<AnyFetch>) {
    const { breaker, countAt = FETCH_DEFAULTS.countAt, ...rest } = options;
    // Without breakers there are those that let everything through: the policies go by key all the same.
    const own = breaker === false ? ({ mode: 'disabled' } as const) : breaker;
    this.breakers = new HttpBreakers({ ...rest, breaker: own } as HttpAdapterOptions, 'fetch');
    this.#countAt = readChoice('countAt', countAt, ['headers', 'end']);
    this.#options = Object.freeze({ ...options });
    readFunction('fetch', options.fetch);
    readFunction('isIdempotent', options.isIdempotent);
    refuseBoth(options);
    // What is wrong with the options of the policies is told now, and not by the first request.
    if (typeof options.policy !== 'function') this.#makePolicies('check');
  }

  async fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<unknown> {
    const fetch = this.#options.fetch ?? (globalThis.fetch as unknown as AnyFetch);
    const request = OutgoingRequest.read(input, init);
    if (request === undefined) return fetch(input as never, init as never);
    const { method, url, signal } = request;
    const path = url.pathname + url.search;
    const found = this.breakers.breakerFor({ origin: url.origin, method, path });
    if (found === undefined) return fetch(input as never, init as never);
    const { key, breaker } = found;
    const { breakers } = this;
    const parts = {
      request,
      facts: { key, method },
      fetch,
      breaker,
      breakers,
      countAt: this.#countAt,
    };
    const call = this.#policiesOf(key, breaker).execute(
      (context) => attempt(parts, context),
      request.isReplayable && (request.isSafe || this.#isIdempotent(key, request)),
      signal === undefined ? {} : { signal },
    );
    try {
      return await call;
    } catch (error) {
      if (signal?.aborted && isCircuitBreakerError(error, 'ABORTED')) throw signal.reason;
      throw error;
    }
  }

  #isIdempotent(key: string, request: OutgoingRequest): boolean {
    const { isIdempotent = hasIdempotencyKey, onListenerError } = this.#options;
    const { method, url } = request;
    const isAnswer = (answer: unknown) => typeof answer === 'boolean';
    const ask = () => isIdempotent({ key, method, url, headers: request.headers });
    return askGuarded(ask, isAnswer, IDEMPOTENT, onListenerError) ?? false;
  }

  #policiesOf(key: string, breaker: CircuitBreaker): FetchPolicies {
    let policies = this.#policies.get(breaker);
    if (policies === undefined) {
      policies = this.#makePolicies(key);
      this.#policies.set(breaker, policies);
    }
    return policies;
  }

  #makePolicies(key: string): FetchPolicies {
    const { policy, clock, onListenerError } = this.#options;
    const made = typeof policy === 'function' ? policy({ key }) : (policy ?? this.#standard(key));
    return new FetchPolicies(made, { clock, onListenerError });
  }

  #standard(key: string): PipelinePart {
    const { hedge = false, clock, random, onListenerError } = this.#options;
    const { totalTimeoutMs, attemptTimeoutMs, bulkhead, retry, budget } = this.#options;
    const name = `${this.breakers.group.name}:${key}`;
    const options = {
      name,
      clock,
      random,
      onListenerError,
      totalTimeoutMs,
      attemptTimeoutMs,
      bulkhead,
      retry,
      budget,
      // Its place is taken by the breaker of the key, which is asked at each attempt.
      breaker: new CircuitBreaker({ name, mode: 'disabled' }),
    };
    if (hedge === false) return standardHttp(options);
    return standardHedgedHttp(hedge === true ? options : { ...options, hedge });
  }
}

const hasIdempotencyKey = ({ headers }: { readonly headers: Headers }): boolean =>
  headers.has('idempotency-key');

/** @throws InvalidOptionError for options of the standard pipeline beside a policy that takes its place */
const refuseBoth = (options: CreateFetchOptions<AnyFetch>): void => {
  if (options.policy === undefined) return;
  for (const option of STANDARD) {
    if (options[option] === undefined) continue;
    const allowed = 'left out beside policy, which takes the place of the standard pipeline';
    throw new InvalidOptionError({ option, value: options[option], allowed });
  }
};
