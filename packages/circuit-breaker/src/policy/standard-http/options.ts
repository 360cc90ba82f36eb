import type { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import type { PolicyOptions } from '../../operation/policy.js';
import type { CircuitBreakerOptions } from '../../options.js';
import type { Random } from '../../ports/random.js';
import type { BulkheadOptions } from '../bulkhead.js';
import type { HedgeOptions } from '../hedge.js';
import type { RetryOptions } from '../retry.js';
import type { RetryBudget } from '../retry-budget.js';

/** Every number of the standard pipelines for HTTP calls, with the reason for its value. */
export const STANDARD_HTTP_DEFAULTS = Object.freeze({
  /** Milliseconds for all of a call, waits and retries too. As long as people and load balancers wait at most. */
  totalTimeoutMs: 30_000,
  /** Milliseconds for an attempt. Three of them, and the waits between, fit in the total. */
  attemptTimeoutMs: 8000,
  /** Calls at once. At 100 ms each that is 2,000 a second, more than a process sends: to reach it means that the other side is slow. */
  maxConcurrent: 200,
  /** Calls that wait for a place. Half of the places: a burst passes, a jam is told. */
  maxQueue: 100,
  /** Milliseconds a call waits for a place. Below what a person notices as a hang. */
  maxQueueMs: 1000,
  /** Attempts in all, of calls that may be repeated. Three catch passing trouble; more multiply the load on what is down. */
  maxAttempts: 3,
  /** Milliseconds before the second attempt, spread by full jitter. Enough for a connection to be made anew. */
  retryInitialMs: 250,
  /** Longest of these waits in milliseconds. Short against the limit of an attempt. */
  retryMaxMs: 4000,
  /** Longest `Retry-After` in milliseconds that is waited for. Beyond it the caller gets the answer, and can do something else. */
  maxRetryAfterMs: 15_000,
  /** Milliseconds of the breaker's window. Enough calls even of a quiet service, and an outage is seen within seconds. */
  windowMs: 30_000,
  /** Share of failures that opens. Half: below it three attempts still bring nearly every call through. */
  failureRate: 0.5,
  /** Finished calls needed before the rate counts. Twenty: chance alone fails no ten of them. */
  minimumCalls: 20,
  /** Milliseconds it is open the first time; doubled each time it fails again, and spread. A restarted process is back by then. */
  openForMs: 5000,
  /** Longest time in milliseconds that it is open. A minute: recovery is not missed for longer. */
  maxOpenForMs: 60_000,
  /** Further attempts of the hedged pipeline. One takes away most of the wait. */
  maxHedges: 1,
  /** Share of the calls that end before a further attempt begins. 0.95: one call in twenty is sent twice. */
  hedgePercentile: 0.95,
  /** Shortest delay in milliseconds of a further attempt. A round trip over a continent: below it nothing is late yet. */
  hedgeMinMs: 50,
  /** Delay in milliseconds while too few calls were observed. Slow by any measure. */
  hedgeInitialMs: 2000,
} as const);

/** The kind of a request, as far as it decides what may be done with it. */
export interface HttpRequest {
  /** `GET`, `POST`, …; in any case of letters. */
  readonly method: string;
}

type Common = keyof PolicyOptions | 'random';

/** Options of the standard pipelines. Each group takes what the policy of that name takes. */
export interface StandardHttpOptions extends PolicyOptions {
  /** Name of the breaker, best of what is called; not blank. */
  readonly name: string;
  /** Milliseconds for all of a call; above `attemptTimeoutMs`, to 30 days; default 30,000. */
  readonly totalTimeoutMs?: number | undefined;
  /** Milliseconds for each attempt, to the answer's headers; above 0; default 8,000. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Default: 200 calls at once, 100 wait, for a second at most. */
  readonly bulkhead?: Partial<Omit<BulkheadOptions, Common>> | undefined;
  /** Default: 3 attempts, waits from 250 ms, doubling, to 4 s, with full jitter; `Retry-After` to 15 s. */
  readonly retry?:
    | Pick<RetryOptions, 'backoff' | 'maxAttempts' | 'maxDelayMs' | 'onRetry' | 'shouldRetry'>
    | undefined;
  /** Bounds retries and hedges together. Default: one of its own, a fifth of the calls, at least 3. False: no bound. */
  readonly budget?: RetryBudget | false | undefined;
  /**
   * A breaker of your own, which sees answers of trouble as an `HttpStatusError`, or options. Default: opens
   * at half of 20 calls in 30 s, for 5 s, doubling to 60 s; `classifyHttp`.
   */
  readonly breaker?:
    | CircuitBreaker
    | Partial<Omit<CircuitBreakerOptions, Common | 'name'>>
    | undefined;
  /** For the jitter. Default: `Math.random`. */
  readonly random?: Random | undefined;
}

export interface StandardHedgedHttpOptions extends StandardHttpOptions {
  /** Default: one more attempt after what 95 % of the calls of the last minute did not exceed, at least 50 ms. */
  readonly hedge?: Pick<HedgeOptions, 'delayMs' | 'maxHedges'> | undefined;
}
