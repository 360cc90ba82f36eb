import {
  type Backoff,
  type BackoffOptions,
  createBackoff,
  guardRandom,
} from '../backoff/backoff.js';
import { InvalidOptionError, isCircuitBreakerError } from '../errors.js';
import { askGuarded, callGuarded, reportFailure } from '../events/guard.js';
import type { Call } from '../operation/call.js';
import { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer, Sink } from '../operation/layer.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import type { Abandonable, Scope } from '../operation/scope.js';
import type { Random } from '../ports/random.js';
import { systemRandom } from '../ports/system-random.js';
import { LONGEST_MS, readFunction, readNumber, refuseUnknown } from '../validation.js';
import { RetryBudget } from './retry-budget.js';

/** Defaults of `retry`, with the reason for each. */
export const RETRY_DEFAULTS = Object.freeze({
  /** Attempts in all. Three catch passing trouble; more multiply the load on something that is down. */
  maxAttempts: 3,
  /** Longest wait in milliseconds that `delayFor` may ask for; beyond it the error is given out now. */
  maxDelayMs: 30_000,
} as const);

/** An attempt that failed, and the wait that would follow it. */
export interface FailedAttempt {
  readonly error: unknown;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
}

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
  gaveUp: FailedAttempt & {
    readonly reason: 'attempts' | 'notTransient' | 'delay' | 'deadline' | 'budget';
  };
}

/** Errors of this package after which a moment later may be better. */
const PASSING: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'BULKHEAD_FULL',
  'RATE_LIMITED',
  'INJECTED_FAULT',
]);

/**
 * Whether trying again makes sense: yes, but not for a caller who gave up (`ABORTED`, any `AbortError`),
 * nor for an open breaker, which is still open a moment later, nor for a wrong option.
 */
export const isTransient = (error: unknown): boolean => {
  if (isCircuitBreakerError(error)) return PASSING.has(error.code);
  try {
    return (error as { readonly name?: unknown } | null | undefined)?.name !== 'AbortError';
  } catch {
    return true;
  }
};

const retryAfterOf = (error: unknown): number | undefined => {
  try {
    const asked = (error as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
    return typeof asked === 'number' && asked >= 0 ? asked : undefined;
  } catch {
    return undefined;
  }
};

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
  readonly #options: RetryOptions;
  readonly #maxDelayMs: number;
  readonly #backoff: Backoff;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: RetryOptions = {}) {
    refuseUnknown('', options, OPTIONS);
    super(options);
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
    this.#backoff = createBackoff(
      'backoff',
      options.backoff ?? { kind: 'exponential' },
      guardRandom(random, this.onListenerError),
    );
    readFunction('shouldRetry', options.shouldRetry);
    readFunction('delayFor', options.delayFor);
    readFunction('onRetry', options.onRetry);
    if (options.budget !== undefined && !(options.budget instanceof RetryBudget)) {
      const allowed = 'a budget made by retryBudget()';
      throw new InvalidOptionError({ option: 'budget', value: options.budget, allowed });
    }
    this.#options = Object.freeze({ ...options });
  }

  get budget(): RetryBudget | undefined {
    return this.#options.budget;
  }

  layer(next: Layer): Layer {
    return new RetryLayer(this, next, DeadlineQueue.of(this.clock));
  }

  /** The wait after a failed attempt, or why there is none. Nothing that is asked here can throw. */
  judge(failed: FailedAttempt, previousMs: number | undefined, remainingMs: number): Judgement {
    const { attempt, error } = failed;
    if (attempt >= this.maxAttempts) return { reason: 'attempts' };
    if (!this.#shouldRetry(failed)) return { reason: 'notTransient' };
    const backoffMs = this.#backoff({ attempt, previousMs });
    const delayMs = this.#delayAfter(failed, backoffMs) ?? backoffMs;
    if (delayMs > this.#maxDelayMs) return { reason: 'delay' };
    // No attempt would begin in time: the caller may as well know now.
    if (delayMs >= remainingMs) return { reason: 'deadline' };
    if (this.budget?.tryTake() === false) return { reason: 'budget' };
    return { error, delayMs, backoffMs };
  }

  tellRetry(told: FailedAttempt & { readonly delayMs: number }): void {
    const { onRetry } = this.#options;
    if (onRetry !== undefined) {
      callGuarded(() => onRetry(told), { kind: 'callback', name: 'onRetry' }, this.onListenerError);
    }
    this.emit('retried', told);
  }

  tellGaveUp(told: RetryEvents['gaveUp']): void {
    this.emit('gaveUp', told);
  }

  reportClock(error: unknown): void {
    reportFailure(this.onListenerError, { kind: 'callback', name: 'clock', error });
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

  #delayAfter(failed: FailedAttempt, delayMs: number): number | undefined {
    const { delayFor } = this.#options;
    if (delayFor === undefined) return Math.max(delayMs, retryAfterOf(failed.error) ?? 0);
    return askGuarded(
      () => delayFor({ ...failed, delayMs }),
      (ms) => ms === undefined || (typeof ms === 'number' && ms >= 0),
      { kind: 'callback', name: 'delayFor', expected: 'milliseconds from 0, or undefined' },
      this.onListenerError,
    );
  }
}

/** What follows a failed attempt. */
type Judgement =
  | { readonly error: unknown; readonly delayMs: number; readonly backoffMs: number }
  | { readonly reason: RetryEvents['gaveUp']['reason'] };

class RetryLayer implements Layer {
  readonly policy: RetryPolicy;
  readonly next: Layer;
  readonly queue: DeadlineQueue;

  constructor(policy: RetryPolicy, next: Layer, queue: DeadlineQueue) {
    this.policy = policy;
    this.next = next;
    this.queue = queue;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const frame = new RetryFrame(this, call, scope, sink);
    if (scope.isAbortable) scope.join(frame);
    this.policy.budget?.callStarted();
    this.next.run(call, scope, frame);
  }
}

/** The wait before the next attempt. Only made for calls that fail. */
class Wait extends PlainDeadlineEntry {
  readonly #onOver: () => void;

  constructor(onOver: () => void) {
    super();
    this.#onOver = onOver;
  }

  override expired(): void {
    this.#onOver();
  }
}

/** One call with its attempts. */
class RetryFrame implements Sink, Abandonable {
  readonly #layer: RetryLayer;
  readonly #call: Call;
  readonly #scope: Scope;
  readonly #sink: Sink;
  #attempt = 1;
  #previousMs: number | undefined = undefined;
  #wait: Wait | undefined = undefined;
  #holdsExtra = false;
  #isOver = false;

  constructor(layer: RetryLayer, call: Call, scope: Scope, sink: Sink) {
    this.#layer = layer;
    this.#call = call;
    this.#scope = scope;
    this.#sink = sink;
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#giveBackExtra();
    if (failed && this.#retries(value)) return;
    this.#close();
    this.#sink.settled(failed, value);
  }

  abandoned(): void {
    if (this.#isOver) return;
    this.#close();
    if (this.#wait !== undefined) this.#layer.queue.remove(this.#wait);
  }

  /** @returns false if the error is to be given out */
  #retries(error: unknown): boolean {
    const { policy } = this.#layer;
    const failed = { error, attempt: this.#attempt };
    const judgement = policy.judge(failed, this.#previousMs, this.#scope.remainingMs);
    const isTaken = policy.budget !== undefined && !('reason' in judgement);
    if (this.#isOver) {
      // A callback has made the caller give up.
      if (isTaken) policy.budget?.giveBack();
      return true;
    }
    if ('reason' in judgement) {
      policy.tellGaveUp({ ...failed, reason: judgement.reason });
      return this.#isOver;
    }
    this.#holdsExtra = isTaken;
    const { delayMs, backoffMs } = judgement;
    policy.tellRetry({ ...failed, delayMs });
    if (this.#isOver) return true;
    this.#previousMs = backoffMs;
    return this.#tryAgainAfter(delayMs);
  }

  #tryAgainAfter(delayMs: number): boolean {
    this.#wait ??= new Wait(() => this.#tryAgain());
    try {
      this.#layer.queue.add(this.#wait, delayMs);
      return true;
    } catch (error) {
      // A clock that sets no timer.
      this.#layer.policy.reportClock(error);
      return false;
    }
  }

  #tryAgain(): void {
    if (this.#isOver) return;
    this.#attempt += 1;
    const call = this.#call.withAttempt(this.#attempt);
    call.inCallerContext(() => this.#layer.next.run(call, this.#scope, this));
  }

  #close(): void {
    this.#isOver = true;
    this.#giveBackExtra();
    this.#layer.policy.budget?.callEnded();
  }

  #giveBackExtra(): void {
    if (!this.#holdsExtra) return;
    this.#holdsExtra = false;
    this.#layer.policy.budget?.giveBack();
  }
}

/**
 * Tries again what failed: `retry().execute(safe(fetchRates))`. What is given out in the end is the last
 * error, untouched.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const retry = (options?: RetryOptions): RetryPolicy => new RetryPolicy(options);
