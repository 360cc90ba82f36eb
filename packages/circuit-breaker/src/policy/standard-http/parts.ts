import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { InvalidOptionError, isCircuitBreakerError } from '../../errors.js';
import { POLICY_OPTIONS, type PolicyOptions } from '../../operation/policy.js';
import { isBreaker } from '../../pipeline/is-breaker.js';
import type { Random } from '../../ports/random.js';
import { LONGEST_MS, readNumber, readText, refuseUnknown } from '../../validation.js';
import { type BulkheadPolicy, bulkhead } from '../bulkhead.js';
import { type HedgePolicy, hedge } from '../hedge.js';
import { type RetryPolicy, retry } from '../retry.js';
import { type RetryBudget, readBudget, retryBudget } from '../retry-budget.js';
import { type TimeoutPolicy, timeout } from '../timeout.js';
import { isTransient } from '../transient.js';
import { classifyHttp } from './classify-http.js';
import {
  STANDARD_HTTP_DEFAULTS as DEFAULTS,
  type StandardHedgedHttpOptions,
  type StandardHttpOptions,
} from './options.js';

/** The policies of a standard pipeline, to listen to their events. */
export interface StandardHttpParts {
  readonly total: TimeoutPolicy;
  readonly bulkhead: BulkheadPolicy;
  readonly retry: RetryPolicy;
  /** Only in the hedged pipeline. */
  readonly hedge: HedgePolicy | undefined;
  readonly breaker: CircuitBreaker;
  readonly attempt: TimeoutPolicy;
}

const OPTIONS = [
  'name',
  'totalTimeoutMs',
  'attemptTimeoutMs',
  'bulkhead',
  'retry',
  'budget',
  'breaker',
  'random',
  ...POLICY_OPTIONS,
];

/** Statuses after which the same request gets the same answer: it is not understood. */
const FINAL: ReadonlySet<number> = new Set([501, 505]);

const mayPass = ({ error }: { readonly error: unknown }): boolean =>
  isTransient(error) && !(isCircuitBreakerError(error, 'HTTP_STATUS') && FINAL.has(error.status));

/** What the server asks for, and the backoff's share on top: those who were told together do not come back together. */
const politeDelay = (failed: { readonly error: unknown; readonly delayMs: number }) => {
  const { error, delayMs } = failed;
  if (!isCircuitBreakerError(error, 'HTTP_STATUS')) return undefined;
  if (error.retryAfterMs === undefined) return undefined;
  return error.retryAfterMs + delayMs;
};

/** @throws InvalidOptionError for an unknown or impossible option */
export const makeParts = (
  options: StandardHedgedHttpOptions,
  isHedged: boolean,
): StandardHttpParts => {
  refuseUnknown('', options, isHedged ? [...OPTIONS, 'hedge'] : OPTIONS);
  const { clock, onListenerError, random } = options;
  const ports = { clock, onListenerError };
  const budget = readOwnBudget(options.budget);
  const { totalTimeoutMs, attemptTimeoutMs } = readLimits(options);
  return {
    total: timeout({ ...ports, timeoutMs: totalTimeoutMs }),
    bulkhead: inGroup('bulkhead', options.bulkhead, GROUPS.bulkhead, (given) => {
      const { maxConcurrent, maxQueue, maxQueueMs } = DEFAULTS;
      return bulkhead({ maxConcurrent, maxQueue, maxQueueMs, ...given, ...ports });
    }),
    retry: inGroup('retry', options.retry, GROUPS.retry, (given) =>
      retry({
        maxAttempts: DEFAULTS.maxAttempts,
        backoff: {
          kind: 'exponential',
          initialMs: DEFAULTS.retryInitialMs,
          maxMs: DEFAULTS.retryMaxMs,
        },
        maxDelayMs: DEFAULTS.maxRetryAfterMs,
        shouldRetry: mayPass,
        ...given,
        ...ports,
        random,
        budget,
        delayFor: politeDelay,
      }),
    ),
    hedge: isHedged
      ? inGroup('hedge', options.hedge, GROUPS.hedge, (given) =>
          hedge({
            maxHedges: DEFAULTS.maxHedges,
            delayMs: {
              percentile: DEFAULTS.hedgePercentile,
              minMs: DEFAULTS.hedgeMinMs,
              initialMs: DEFAULTS.hedgeInitialMs,
            },
            ...given,
            ...ports,
            budget,
          }),
        )
      : undefined,
    breaker: makeBreaker(options, ports, random),
    attempt: timeout({ ...ports, timeoutMs: attemptTimeoutMs }),
  };
};

const GROUPS = {
  bulkhead: ['maxConcurrent', 'maxQueue', 'maxQueueMs', 'abandonAfterMs'],
  retry: ['maxAttempts', 'backoff', 'maxDelayMs', 'shouldRetry', 'onRetry'],
  hedge: ['delayMs', 'maxHedges'],
} as const;

/** Makes a policy of a group of options; one that is refused is named by its path. */
const inGroup = <G extends object, P>(
  group: string,
  given: G | undefined,
  known: readonly string[],
  make: (given: Partial<G>) => P,
): P => {
  const options = given === undefined ? {} : given;
  refuseUnknown(group, options, known);
  try {
    return make(leaveOutUndefined(options));
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const { option, value, allowed } = error;
    throw new InvalidOptionError({ option: `${group}.${option}`, value, allowed });
  }
};

/** What is undefined is as if it were not there, so that the default holds. */
const leaveOutUndefined = <G extends object>(given: G): Partial<G> =>
  Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<G>;

const readOwnBudget = (budget: StandardHttpOptions['budget']): RetryBudget | undefined => {
  if (budget === false) return undefined;
  return readBudget('budget', budget) ?? retryBudget();
};

const readLimits = (options: StandardHttpOptions) => {
  const range = { min: 0, above: true, max: LONGEST_MS, unit: 'ms' };
  const read = (name: 'totalTimeoutMs' | 'attemptTimeoutMs') =>
    readNumber(name, options[name], DEFAULTS[name], range);
  const totalTimeoutMs = read('totalTimeoutMs');
  const attemptTimeoutMs = read('attemptTimeoutMs');
  if (attemptTimeoutMs >= totalTimeoutMs) {
    throw new InvalidOptionError({
      option: 'attemptTimeoutMs',
      value: attemptTimeoutMs,
      allowed: `below totalTimeoutMs (${totalTimeoutMs} ms)`,
    });
  }
  return { totalTimeoutMs, attemptTimeoutMs };
};

const makeBreaker = (
  options: StandardHttpOptions,
  ports: PolicyOptions,
  random: Random | undefined,
): CircuitBreaker => {
  const name = readText('name', options.name);
  const { breaker: given = {} } = options;
  if (given !== null && isBreaker(given)) return given;
  return inGroup(
    'breaker',
    given,
    BREAKER_OPTIONS,
    (changes) =>
      new CircuitBreaker({
        window: { kind: 'time', durationMs: DEFAULTS.windowMs },
        failureRate: DEFAULTS.failureRate,
        minimumCalls: DEFAULTS.minimumCalls,
        openForMs: {
          kind: 'exponential',
          initialMs: DEFAULTS.openForMs,
          maxMs: DEFAULTS.maxOpenForMs,
          jitter: 'equal',
        },
        classify: classifyHttp,
        ...changes,
        ...ports,
        random,
        name,
      }),
  );
};

const BREAKER_OPTIONS = [
  'mode',
  'tags',
  'window',
  'failureRate',
  'minimumCalls',
  'consecutiveFailures',
  'slowCalls',
  'latency',
  'classify',
  'openForMs',
  'halfOpen',
  'rampUp',
  'sharedRejection',
];
