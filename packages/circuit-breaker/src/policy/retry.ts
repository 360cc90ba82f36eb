import { isCircuitBreakerError } from '../errors.js';
import { askGuarded, callGuarded, reportFailure } from '../events/guard.js';
import type { OnListenerError } from '../events/listener-failure.js';
import { contextFor, type OperationContext } from '../operation/operation-context.js';
import { start } from '../operation/start.js';
import { startTimer } from '../operation/start-timer.js';
import { untilAborted } from '../operation/until-aborted.js';
import { LONGEST_MS } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { systemClock } from '../ports/system-clock.js';
import { systemRandom } from '../ports/system-random.js';
import { checkCall, readFunction, readNumber, readPort, refuseUnknown } from '../validation.js';
import { type BackoffOptions, createBackoff } from './backoff.js';

/** Defaults of `retry`, with the reason for each. */
export const RETRY_DEFAULTS = Object.freeze({
  /** Attempts in all. Two more catch passing trouble; many more multiply the load on what is down. */
  maxAttempts: 3,
  /** Longest wait in milliseconds that `delayFor` may ask for. Beyond it the caller is better told now. */
  maxDelayMs: 30_000,
} as const);

/** A failed attempt. */
export interface FailedAttempt {
  readonly error: unknown;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface RetryOptions {
  /** Attempts in all, the first included; 1 to 100; default 3. */
  readonly maxAttempts?: number | undefined;
  /** Default: exponential from 100 ms, doubling, at most 10 s, full jitter. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * Whether to try again. Default: not after this package's errors, but for `TIMEOUT`; else always.
   * Only operations that may be done twice should be retried at all.
   */
  readonly shouldRetry?: ((failed: FailedAttempt) => boolean) | undefined;
  /** Milliseconds to wait instead of `backoff`, such as a `Retry-After`; undefined leaves it to `backoff`. */
  readonly delayFor?:
    | ((failed: FailedAttempt & { readonly delayMs: number }) => number | undefined)
    | undefined;
  /** If `delayFor` asks for more milliseconds than this, the error is given out at once; 0 to 30 days; default 30,000. */
  readonly maxDelayMs?: number | undefined;
  /** Told before each wait. */
  readonly onRetry?: ((next: FailedAttempt & { readonly delayMs: number }) => unknown) | undefined;
  /** The caller's signal; ends attempts and waits. No default. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Default: `Math.random`. */
  readonly random?: Random | undefined;
  /** Told when one of the callbacks above throws. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

/** What each attempt is given. */
export interface AttemptContext extends OperationContext {
  /** 1 for the first. */
  readonly attempt: number;
}

const KNOWN: readonly (keyof RetryOptions)[] = [
  'maxAttempts',
  'backoff',
  'shouldRetry',
  'delayFor',
  'maxDelayMs',
  'onRetry',
  'signal',
  'clock',
  'random',
  'onListenerError',
];

const readOptions = (options: RetryOptions) => {
  refuseUnknown('', options, KNOWN);
  const random = readFunction('random', options.random) ?? systemRandom;
  const hook = readFunction('onListenerError', options.onListenerError);
  return {
    maxAttempts: readNumber('maxAttempts', options.maxAttempts, RETRY_DEFAULTS.maxAttempts, {
      min: 1,
      max: 100,
      integer: true,
      unit: 'attempts',
    }),
    maxDelayMs: readNumber('maxDelayMs', options.maxDelayMs, RETRY_DEFAULTS.maxDelayMs, {
      min: 0,
      max: LONGEST_MS,
      unit: 'ms',
    }),
    // A source of randomness that fails must not take the place of the operation's error.
    backoff: createBackoff(options.backoff, () => askGuarded(random, isShare, RANDOM, hook) ?? 1),
    shouldRetry: readFunction('shouldRetry', options.shouldRetry) ?? defaultShouldRetry,
    delayFor: readFunction('delayFor', options.delayFor),
    onRetry: readFunction('onRetry', options.onRetry),
    clock: readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']),
    signal: options.signal,
    onListenerError: hook,
  };
};

type Resolved = ReturnType<typeof readOptions>;

/** An open breaker, a caller who gave up and a wrong option will be the same a moment later. */
const defaultShouldRetry = ({ error }: FailedAttempt): boolean =>
  !isCircuitBreakerError(error) || error.code === 'TIMEOUT';

/**
 * Calls `operation` until it succeeds, at most `maxAttempts` times, waiting in between. Rejects with
 * the last attempt's error, untouched; with `ABORTED` as soon as the caller's signal is aborted, also
 * in a wait; with `INVALID_OPTION` for an unknown or impossible option. A callback that throws is
 * reported: `shouldRetry` then counts as "no", `delayFor` as undefined, `random` as 1. A clock that
 * sets no timer is reported too, and ends the attempts with the last one's error.
 */
export const retry = async <T>(
  operation: (context: AttemptContext) => T | PromiseLike<T>,
  options: RetryOptions = {},
): Promise<T> => {
  const resolved = readOptions(options);
  const { signal } = resolved;
  checkCall(operation, signal);
  for (let attempt = 1; ; attempt += 1) {
    let failed: FailedAttempt;
    try {
      return await untilAborted(signal, () => start(operation, new Attempt(attempt, signal)));
    } catch (error) {
      failed = { error, attempt };
    }
    const delayMs = signal?.aborted ? undefined : delayBeforeNext(resolved, failed);
    if (delayMs === undefined) throw failed.error;
    const { onRetry, onListenerError } = resolved;
    callGuarded(() => onRetry?.({ ...failed, delayMs }), ON_RETRY, onListenerError);
    if (!(await wait(resolved, delayMs))) throw failed.error;
  }
};

/** Milliseconds until the next attempt, or undefined if there is to be none. */
const delayBeforeNext = (resolved: Resolved, failed: FailedAttempt): number | undefined => {
  const { onListenerError: hook, shouldRetry, delayFor, maxDelayMs } = resolved;
  if (failed.attempt >= resolved.maxAttempts) return undefined;
  if (!askGuarded(() => shouldRetry(failed), isBoolean, SHOULD_RETRY, hook)) return undefined;
  const delayMs = resolved.backoff(failed.attempt);
  const asked = askGuarded(() => delayFor?.({ ...failed, delayMs }), isDelay, DELAY_FOR, hook);
  if (asked === undefined) return delayMs;
  return asked > maxDelayMs ? undefined : asked;
};

const ON_RETRY = { kind: 'callback', name: 'onRetry' } as const;
const SHOULD_RETRY = { kind: 'callback', name: 'shouldRetry', expected: 'a boolean' } as const;
const DELAY_FOR = {
  kind: 'callback',
  name: 'delayFor',
  expected: 'milliseconds from 0, or undefined',
} as const;

const RANDOM = { kind: 'callback', name: 'random', expected: 'a number from 0 to 1' } as const;

const isShare = (answer: unknown): boolean =>
  typeof answer === 'number' && answer >= 0 && answer <= 1;
const isBoolean = (answer: unknown): boolean => typeof answer === 'boolean';
const isDelay = (answer: unknown): boolean =>
  answer === undefined || (typeof answer === 'number' && answer >= 0);

/** Resolves when the time is over, or to false if the clock sets no timer, which is reported. */
const wait = (resolved: Resolved, delayMs: number): Promise<boolean> => {
  const { clock, signal, onListenerError: hook } = resolved;
  let cancelTimer = () => {};
  const elapsed = () =>
    new Promise<boolean>((resolve) => {
      try {
        cancelTimer = startTimer(clock, () => resolve(true), delayMs, hook);
      } catch (error) {
        reportFailure(hook, { kind: 'callback', name: 'clock', error });
        resolve(false);
      }
    });
  return untilAborted(signal, elapsed, () => cancelTimer());
};

class Attempt implements AttemptContext {
  readonly attempt: number;
  readonly #context: OperationContext;

  constructor(attempt: number, signal: AbortSignal | undefined) {
    this.attempt = attempt;
    this.#context = contextFor(signal);
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }
}
