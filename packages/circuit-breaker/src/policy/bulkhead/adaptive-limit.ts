import { defaultClassify } from '../../breaker/default-classify.js';
import type { Classification, Outcome } from '../../breaker/outcome.js';
import { askGuarded } from '../../events/guard.js';
import type { OnListenerError } from '../../events/listener-failure.js';
import type { Clock } from '../../ports/clock.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import type { AdaptiveConcurrency } from './adaptive.js';
import type { Limit, LimitChange, LimitChangeReason } from './limit.js';

/** What is left of the limit when it falls. A tenth less: a few falls in a row halve it. */
const FALL_TO = 0.9;
/** A round lasts as many calls as may run at once, within these bounds: fewer say little, more take long. */
const SHORTEST_ROUND = 10;
const LONGEST_ROUND = 100;
/** How fast what is usual follows what is seen: quickly down, for a fast answer is no accident, slowly up. */
const FOLLOW_DOWN = 0.2;
const FOLLOW_UP = 0.02;

const OUTCOMES: readonly unknown[] = ['success', 'failure', 'ignored'] satisfies Outcome[];

/** What user code answered may be anything. */
const outcomeOf = (answer: Classification | null | undefined): Outcome | undefined =>
  typeof answer === 'string' ? answer : answer?.outcome;

/**
 * A limit that finds itself by rounds. A round is as many calls as may run at once, all begun under the
 * limit it judges, so that one change is seen to work before the next. At its end the limit
 *
 * - falls by a tenth if more calls failed than is normal (as soon as that is certain), or if the mean
 *   latency is above the usual one by more than the tolerance;
 * - otherwise grows by its square root.
 *
 * Both only if at least half of the limit was in use: calls that run on their own neither suffer from
 * each other nor show that there is room for more.
 */
export class AdaptiveLimit implements Limit {
  readonly #options: AdaptiveConcurrency;
  readonly #time: ElapsedTime;
  readonly #onListenerError: OnListenerError | undefined;
  #exact: number;
  /** Mean latency of a successful call, as it usually is; undefined before the first round. */
  #usualMs: number | undefined = undefined;
  #roundBeganAt: number;
  #mostRunning = 0;
  #successes = 0;
  #failures = 0;
  #totalMs = 0;

  constructor(
    options: AdaptiveConcurrency,
    clock: Clock,
    onListenerError: OnListenerError | undefined,
  ) {
    this.#options = options;
    this.#time = ElapsedTime.of(clock);
    this.#onListenerError = onListenerError;
    this.#exact = options.initial;
    this.#roundBeganAt = this.#time.read();
  }

  get current(): number {
    return Math.floor(this.#exact);
  }

  began(running: number): number {
    if (running > this.#mostRunning) this.#mostRunning = running;
    return this.#time.read();
  }

  ended(beganAt: number, failed: boolean, value: unknown): LimitChange | undefined {
    if (beganAt < this.#roundBeganAt) return undefined;
    const outcome = this.#classify(failed, value);
    if (outcome === 'ignored') return undefined;
    const now = this.#time.read();
    if (outcome === 'failure') this.#failures += 1;
    else {
      this.#successes += 1;
      this.#totalMs += now - beganAt;
    }
    return this.#judge(now);
  }

  #judge(now: number): LimitChange | undefined {
    const calls = Math.min(LONGEST_ROUND, Math.max(SHORTEST_ROUND, this.#exact));
    const isFailing = this.#failures > this.#options.failureTolerance * calls;
    if (!isFailing && this.#successes + this.#failures < calls) return undefined;
    let reason: LimitChangeReason = 'failures';
    if (!isFailing) reason = this.#isSlow() ? 'latency' : 'growth';
    const change = this.#change(reason);
    this.#roundBeganAt = now;
    this.#mostRunning = 0;
    this.#successes = 0;
    this.#failures = 0;
    this.#totalMs = 0;
    return change;
  }

  /** Whether the round was slow. What is usual follows it. */
  #isSlow(): boolean {
    if (this.#successes === 0) return false;
    const mean = this.#totalMs / this.#successes;
    const usual = this.#usualMs ?? mean;
    this.#usualMs = usual + (mean - usual) * (mean < usual ? FOLLOW_DOWN : FOLLOW_UP);
    return mean > usual * this.#options.latencyTolerance;
  }

  #change(reason: LimitChangeReason): LimitChange | undefined {
    const from = this.current;
    if (this.#mostRunning * 2 < from) return undefined;
    const { min, max } = this.#options;
    if (reason === 'growth') this.#exact = Math.min(max, this.#exact + Math.sqrt(this.#exact));
    else this.#exact = Math.max(min, this.#exact * FALL_TO);
    const to = this.current;
    return to === from ? undefined : { from, to, reason };
  }

  #classify(failed: boolean, value: unknown): Outcome {
    const { classify } = this.#options;
    const settled = failed
      ? ({ status: 'rejected', error: value } as const)
      : ({ status: 'fulfilled', value } as const);
    if (classify === undefined) return defaultClassify(settled);
    const answer = askGuarded(
      () => classify(settled),
      (classification) => OUTCOMES.includes(outcomeOf(classification)),
      { kind: 'callback', name: 'classify', expected: "'success', 'failure' or 'ignored'" },
      this.#onListenerError,
    );
    return outcomeOf(answer) ?? defaultClassify(settled);
  }
}
