import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { InvalidOptionError } from '../errors.js';
import type { CallOptions } from '../operation/call.js';
import type { Operation, RepeatableOperation } from '../operation/operation.js';
import { idempotencyOf, safe } from '../operation/repeatable.js';
import type { BulkheadPolicy } from './bulkhead.js';
import type { HedgePolicy } from './hedge.js';
import type { RetryPolicy } from './retry.js';
import type { HttpAnswer } from './standard-http/answer.js';
import { HttpPipeline } from './standard-http/http-pipeline.js';
import type {
  HttpRequest,
  StandardHedgedHttpOptions,
  StandardHttpOptions,
} from './standard-http/options.js';
import { makeParts, type StandardHttpParts } from './standard-http/parts.js';
import type { TimeoutPolicy } from './timeout.js';

/** Methods that change nothing on the other side, by RFC 9110. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * What an HTTP call needs, in one: a total time limit, a bulkhead, retries, hedges if asked for, a breaker,
 * a time limit for each attempt.
 *
 * `execute(request, operation)` asks the request's method what may be done: a call that changes nothing is
 * tried again, one that might do so is sent once, under the same bulkhead, breaker and limits. As a policy
 * (`execute(operation)`, `wrap`, in a pipeline) it takes only operations declared `safe` or `idempotent`.
 */
export class StandardHttp extends HttpPipeline<true> implements StandardHttpParts {
  readonly total: TimeoutPolicy;
  readonly bulkhead: BulkheadPolicy;
  readonly retry: RetryPolicy;
  readonly hedge: HedgePolicy | undefined;
  readonly breaker: CircuitBreaker;
  readonly attempt: TimeoutPolicy;
  readonly #once: HttpPipeline<false>;

  /** See `standardHttp` and `standardHedgedHttp`. @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: StandardHedgedHttpOptions, isHedged: boolean) {
    const { total, bulkhead, retry, hedge, breaker, attempt } = makeParts(options, isHedged);
    const { clock, onListenerError } = options;
    const ports = { clock, onListenerError };
    const hedges = hedge === undefined ? [] : [hedge];
    super([total, bulkhead, retry, ...hedges, breaker, attempt], ports);
    this.total = total;
    this.bulkhead = bulkhead;
    this.retry = retry;
    this.hedge = hedge;
    this.breaker = breaker;
    this.attempt = attempt;
    this.#once = new HttpPipeline<false>([total, bulkhead, breaker, attempt], ports);
  }

  /** Calls an operation that is declared `safe` or `idempotent`. Rejects as every policy does. */
  override execute<T>(operation: RepeatableOperation<T>, options?: CallOptions): Promise<T>;
  /**
   * Calls `operation`, which sends `request`. It is tried again (and hedged) only if the method is `GET`,
   * `HEAD`, `OPTIONS` or `TRACE`, or the operation is declared `safe` or `idempotent`, as with an
   * idempotency key. Fulfilled with the answer, whatever its status; rejected if there is none, with what
   * the policies or the operation reject with.
   */
  override execute<A extends HttpAnswer>(
    request: HttpRequest,
    operation: Operation<A>,
    options?: CallOptions,
  ): Promise<A>;
  override execute(
    first: HttpRequest | RepeatableOperation<unknown>,
    second?: Operation<unknown> | CallOptions,
    third?: CallOptions,
  ): Promise<unknown> {
    if (typeof first === 'function') {
      return super.execute(first as RepeatableOperation<unknown>, second as CallOptions);
    }
    const method = methodOf(first);
    if (method === undefined) {
      const allowed = 'a request with a method, such as GET';
      return Promise.reject(new InvalidOptionError({ option: 'request', value: first, allowed }));
    }
    const operation = second as Operation<unknown>;
    if (idempotencyOf(operation) !== undefined) {
      return super.execute(operation as RepeatableOperation<unknown>, third);
    }
    if (SAFE_METHODS.has(method) && typeof operation === 'function') {
      return super.execute(safe(operation), third);
    }
    return this.#once.execute(operation, third);
  }
}

const methodOf = (request: unknown): string | undefined => {
  try {
    const { method } = request as HttpRequest;
    return typeof method === 'string' && method !== '' ? method.toUpperCase() : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The policies that an HTTP call needs, with numbers that fit together:
 * `standardHttp({ name: 'rates' }).execute({ method: 'GET' }, ({ signal }) => fetch(url, { signal }))`.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const standardHttp = (options: StandardHttpOptions): StandardHttp =>
  new StandardHttp(options, false);

/**
 * As `standardHttp`, and makes another attempt beside one that takes long, of calls that may be repeated.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const standardHedgedHttp = (options: StandardHedgedHttpOptions): StandardHttp =>
  new StandardHttp(options, true);
