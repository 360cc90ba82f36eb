import {
  type Backoff,
  type BackoffOptions,
  createBackoff,
  guardRandom,
} from '../backoff/backoff.js';
import { askGuarded, callGuarded, reportFailure } from '../events/guard.js';
import { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer } from '../operation/layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import type { Random } from '../ports/random.js';
import { systemRandom } from '../ports/system-random.js';
import { LONGEST_MS, readFunction, readNumber, refuseUnknown } from '../validation.js';
import { type RetryBudget, readBudget } from './retry-budget.js';
import {
  type FailedAttempt,
  type GaveUpReason,
  type Judgement,
  RetryLayer,
  type RetryRules,
} from './retry-frame.js';
import { isTransient, retryAfterOf } from './transient.js';

/** Defaults of `retry`, with the reason for each. */
export const RETRY_DEFAULTS = Object.freeze({
  /** Attempts in all. Three catch passing trouble; more multiply the load on something that is down. */
  maxAttempts: 3,
  /** Longest wait in milliseconds that `delayFor` may ask for; beyond it the error is given out now. */
  maxDelayMs: 30_000,
} as const);

export interface RetryOptions extends PolicyOptions {
  /** Attempts in all; 1 to 100; default 3. */
  readonly maxAttempts?: number | undefined;
  /** Default: exponential from 100 ms, doubling, at most 10 s, with full jitter. */
  readonly backoff?: BackoffOptions | undefined;
  /** Whether to try again. Default: `isTransient`. One that throws counts as no. */
  readonly shouldRetry?: ((failed: FailedAttempt) => boolean) | undefined;
  /**
   * Milliseconds to wait, or undefined for what the backoff says (`delayMs`). Default: the error's
   * `retryAfterMs`, where it has one that is longer.
   */
  readonly delayFor?:
    | ((failed: FailedAttempt & { readonly delayMs: number }) => number | undefined)
    | undefined;
  /** Longest wait that `delayFor` may ask for, in ms; 0 to 30 days; default 30,000. Beyond it the error is given out now. */
  readonly maxDelayMs?: number | undefined;
  /** Bounds the attempts that are waiting and running beside the first ones. Default: none. */
  readonly budget?: RetryBudget | undefined;
  /** Told before each wait. */
  readonly onRetry?: ((failed: FailedAttempt & { readonly delayMs: number }) => void) | undefined;
  /** For the jitter. Default: `Math.random`. */
  readonly random?: Random | undefined;
}

export interface RetryEvents {
  /** An attempt failed, and another follows after `delayMs`. */
  retried: FailedAttempt & { readonly delayMs: number };
  /** An attempt failed, and none follows: why. */
  gaveUp: FailedAttempt & { readonly reason: GaveUpReason };
}

const OPTIONS = [
  'maxAttempts',
  'backoff',
  'shouldRetry',
  'delayFor',
  'maxDelayMs',
  'budget',
  'onRetry',
  'random',
  ...POLICY_OPTIONS,
];

/** Tries again what failed, after a wait. Takes only operations declared `safe` or `idempotent`. */
export class RetryPolicy extends Policy<never, true, RetryEvents> {
  readonly kind = 'retry';
  readonly repeats = true;
  readonly runsLater = true;
  readonly maxAttempts: number;
  readonly budget: RetryBudget | undefined;
  readonly #options: RetryOptions;
  readonly #maxDelayMs: number;
  readonly #backoff: Backoff;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: RetryOptions = {}) {
    refuseUnknown('', options, OPTIONS);
    super(options);
    const { backoff = { kind: 'exponential' } } = options;
    const { maxAttempts, maxDelayMs } = RETRY_DEFAULTS;
    this.maxAttempts = readNumber('maxAttempts', options.maxAttempts, maxAttempts, {
      min: 1,
      max: 100,
      integer: true,
      unit: 'attempts',
    });
    this.#maxDelayMs = readNumber('maxDelayMs', options.maxDelayMs, maxDelayMs, {
      min: 0,
      max: LONGEST_MS,
      unit: 'ms',
    });
    const random = readFunction('random', options.random) ?? systemRandom;
    this.#backoff = createBackoff('backoff', backoff, guardRandom(random, this.onListenerError));
    readFunction('shouldRetry', options.shouldRetry);
    readFunction('delayFor', options.delayFor);
    readFunction('onRetry', options.onRetry);
    this.budget = readBudget('budget', options.budget);
    this.#options = Object.freeze({ ...options });
  }

  layer(next: Layer): Layer {
    const queue = DeadlineQueue.of(this.clock);
    const rules: RetryRules = {
      budget: this.budget,
      judge: (failed, previousMs, remainingMs) => this.#judge(failed, previousMs, remainingMs),
      tellRetry: (told) => this.#tellRetry(told),
      tellGaveUp: (told) => this.emit('gaveUp', told),
      reportClock: (error) =>
        reportFailure(this.onListenerError, { kind: 'callback', name: 'clock', error }),
    };
    return new RetryLayer(rules, queue, next);
  }

  #judge(failed: FailedAttempt, previousMs: number | undefined, remainingMs: number): Judgement {
    const { attempt } = failed;
    if (attempt >= this.maxAttempts) return { reason: 'attempts' };
    if (!this.#shouldRetry(failed)) return { reason: 'notTransient' };
    const backoffMs = this.#backoff({ attempt, previousMs });
    const askedMs = this.#askedDelay(failed, backoffMs);
    if (askedMs !== undefined && askedMs > this.#maxDelayMs) return { reason: 'delay' };
    const delayMs = askedMs ?? backoffMs;
    // No attempt would begin in time: the caller may as well know now.
    if (delayMs >= remainingMs) return { reason: 'deadline' };
    return { delayMs, backoffMs };
  }

  #tellRetry(told: FailedAttempt & { readonly delayMs: number }): void {
    const { onRetry } = this.#options;
    if (onRetry !== undefined) {
      callGuarded(() => onRetry(told), { kind: 'callback', name: 'onRetry' }, this.onListenerError);
    }
    this.emit('retried', told);
  }

  #shouldRetry(failed: FailedAttempt): boolean {
    const { shouldRetry } = this.#options;
    if (shouldRetry === undefined) return isTransient(failed.error);
    const answer = askGuarded(
      () => shouldRetry(failed),
      (retries) => typeof retries === 'boolean',
      { kind: 'callback', name: 'shouldRetry', expected: 'true or false' },
      this.onListenerError,
    );
    return answer ?? false;
  }

  /** The wait that `delayFor`, or the error itself, asks for instead of the backoff's. */
  #askedDelay(failed: FailedAttempt, delayMs: number): number | undefined {
    const { delayFor } = this.#options;
    if (delayFor === undefined) {
      const asked = retryAfterOf(failed.error);
      return asked !== undefined && asked > delayMs ? asked : undefined;
    }
    return askGuarded(
      () => delayFor({ ...failed, delayMs }),
      (ms) => ms === undefined || (typeof ms === 'number' && ms >= 0),
      { kind: 'callback', name: 'delayFor', expected: 'milliseconds from 0, or undefined' },
      this.onListenerError,
    );
  }
}

/**
 * Tries again what failed: `retry().execute(safe(fetchRates))`. What is given out in the end is the last
 * error, untouched.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const retry = (options?: RetryOptions): RetryPolicy => new RetryPolicy(options);
