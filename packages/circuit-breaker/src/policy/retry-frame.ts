import type { Call } from '../operation/call.js';
import type { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer, Sink } from '../operation/layer.js';
import { neverThrows } from '../operation/own-layer.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import type { Abandonable, Scope } from '../operation/scope.js';
import type { RetryBudget } from './retry-budget.js';

/** An attempt that failed. */
export interface FailedAttempt {
  readonly error: unknown;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
}

/** Why no attempt follows on one that failed. */
export type GaveUpReason =
  /** There were `maxAttempts`. */
  | 'attempts'
  /** `shouldRetry` says no. */
  | 'notTransient'
  /** The wait that is asked for is longer than `maxDelayMs`. */
  | 'delay'
  /** The time limit around it leaves no time for the wait. */
  | 'deadline'
  /** The budget holds no further attempt. */
  | 'budget'
  /** The clock sets no timer. */
  | 'clock';

/** The wait before the next attempt, or why there is none. */
export type Judgement =
  | { readonly delayMs: number; readonly backoffMs: number }
  | { readonly reason: GaveUpReason };

/** What a call asks of its policy. None of it may throw. */
export interface RetryRules {
  readonly budget: RetryBudget | undefined;
  judge(failed: FailedAttempt, previousMs: number | undefined, remainingMs: number): Judgement;
  tellRetry(told: FailedAttempt & { readonly delayMs: number }): void;
  tellGaveUp(told: FailedAttempt & { readonly reason: GaveUpReason }): void;
  reportClock(error: unknown): void;
}

/** Tries a call again by its rules. */
export class RetryLayer implements Layer {
  readonly [neverThrows] = true;
  readonly rules: RetryRules;
  readonly queue: DeadlineQueue;
  readonly next: Layer;

  constructor(rules: RetryRules, queue: DeadlineQueue, next: Layer) {
    this.rules = rules;
    this.queue = queue;
    this.next = next;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const frame = new RetryFrame(this, call, scope, sink);
    if (scope.isAbortable) scope.join(frame);
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

/** What has come of a call that failed. */
interface Progress {
  /** Number of the attempt that runs, or that is waited for. */
  attempt: number;
  previousMs: number | undefined;
  readonly waiting: Wait;
  holdsExtra: boolean;
}

/** One call with its attempts. */
class RetryFrame implements Sink, Abandonable {
  readonly #layer: RetryLayer;
  readonly #call: Call;
  readonly #scope: Scope;
  readonly #sink: Sink;
  readonly #isCounted: boolean | undefined;
  #progress: Progress | undefined = undefined;
  #isOver = false;

  constructor(layer: RetryLayer, call: Call, scope: Scope, sink: Sink) {
    this.#layer = layer;
    this.#call = call;
    this.#scope = scope;
    this.#sink = sink;
    this.#isCounted = layer.rules.budget?.callStarted(call.identity);
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#giveBackExtra();
    if (failed && this.#retries(value)) return;
    // A callback may have made the caller give up.
    if (this.#isOver) return;
    this.#close();
    this.#sink.settled(failed, value);
  }

  abandoned(): void {
    this.#close();
    if (this.#progress !== undefined) this.#layer.queue.remove(this.#progress.waiting);
  }

  /** Puts the call in the queue for another attempt, if there is to be one. */
  #retries(error: unknown): boolean {
    const { rules } = this.#layer;
    const { attempt = 1, previousMs } = this.#progress ?? {};
    const failed = { error, attempt };
    const judgement = rules.judge(failed, previousMs, this.#scope.remainingMs);
    if (this.#isOver) return false;
    const reason = 'reason' in judgement ? judgement.reason : this.#wait(judgement);
    if (reason !== undefined) {
      rules.tellGaveUp({ ...failed, reason });
      return false;
    }
    const { delayMs } = judgement as { readonly delayMs: number };
    rules.tellRetry({ ...failed, delayMs });
    return true;
  }

  /** @returns why there is no wait */
  #wait({
    delayMs,
    backoffMs,
  }: {
    readonly delayMs: number;
    readonly backoffMs: number;
  }): GaveUpReason | undefined {
    const { rules, queue } = this.#layer;
    if (rules.budget?.tryTake() === false) return 'budget';
    this.#progress ??= {
      attempt: 1,
      previousMs: undefined,
      waiting: new Wait(() => this.#tryAgain()),
      holdsExtra: false,
    };
    const progress = this.#progress;
    progress.holdsExtra = true;
    progress.attempt += 1;
    progress.previousMs = backoffMs;
    try {
      queue.add(progress.waiting, delayMs);
      return undefined;
    } catch (clockError) {
      rules.reportClock(clockError);
      return 'clock';
    }
  }

  #tryAgain(): void {
    const call = this.#call.again();
    call.inCallerContext(() => this.#layer.next.run(call, this.#scope, this));
  }

  #close(): void {
    this.#isOver = true;
    this.#giveBackExtra();
    if (this.#isCounted) this.#layer.rules.budget?.callEnded(this.#call.identity);
  }

  #giveBackExtra(): void {
    if (this.#progress?.holdsExtra !== true) return;
    this.#progress.holdsExtra = false;
    this.#layer.rules.budget?.giveBack();
  }
}
