import { AbortedError, withoutStack } from '../errors.js';
import type { Call } from '../operation/call.js';
import type { DeadlineQueue } from '../operation/deadline-queue.js';
import type { FixedLane } from '../operation/fixed-lane.js';
import type { Layer, Sink } from '../operation/layer.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import { type Abandonable, Scope } from '../operation/scope.js';
import type { ObservedDelay } from './hedge-delay.js';
import type { RetryBudget } from './retry-budget.js';

/** What a call asks of its policy. None of it may throw. */
export interface HedgeRules {
  readonly maxHedges: number;
  readonly budget: RetryBudget | undefined;
  /** The lane of a fixed delay, or what follows the latencies. */
  readonly delay: FixedLane | ObservedDelay;
  tellHedged(told: { readonly attempt: number; readonly delayMs: number }): void;
  tellWithheld(told: { readonly delayMs: number }): void;
  tellDropped(told: { readonly attempt: number; readonly error: unknown }): void;
  tellWon(told: { readonly attempt: number; readonly hedges: number }): void;
  reportClock(error: unknown): void;
}

export interface HedgeFrameParts {
  readonly rules: HedgeRules;
  readonly queue: DeadlineQueue;
  readonly next: Layer;
  readonly call: Call;
  readonly scope: Scope;
  readonly sink: Sink;
}

/** One attempt: a scope of its own, so that it can be given up alone. */
class HedgeAttempt extends Scope implements Sink {
  readonly number: number;
  /** Whether it was taken out of the budget. */
  readonly isExtra: boolean;
  readonly startedAt: number;
  readonly #frame: HedgeFrame;

  constructor(
    frame: HedgeFrame,
    outer: Scope,
    about: { readonly number: number; readonly isExtra: boolean; readonly startedAt: number },
  ) {
    super(outer);
    this.#frame = frame;
    this.number = about.number;
    this.isExtra = about.isExtra;
    this.startedAt = about.startedAt;
  }

  settled(failed: boolean, value: unknown): void {
    this.#frame.ended(this, failed, value);
  }
}

/** One call with its attempts. While another may follow it is an entry of the deadline queue. */
export class HedgeFrame extends PlainDeadlineEntry implements Abandonable {
  readonly #parts: HedgeFrameParts;
  readonly #isCounted: boolean | undefined;
  #running: HedgeAttempt[] = [];
  #hedges = 0;
  #delayMs = 0;
  #isOver = false;

  constructor(parts: HedgeFrameParts) {
    super();
    this.#parts = parts;
    this.#isCounted = parts.rules.budget?.callStarted(parts.call.identity);
  }

  begin(): void {
    const { call, scope } = this.#parts;
    if (scope.isAbortable) scope.join(this);
    if (this.#isOver) return;
    this.#waitForNext();
    // Apart from its hedges, so that what it holds is free when its own operation has ended.
    this.#start(call.apart(), false);
  }

  override expired(): void {
    this.#parts.call.inCallerContext(() => this.#hedge());
  }

  ended(attempt: HedgeAttempt, failed: boolean, value: unknown): void {
    const { rules, sink } = this.#parts;
    const index = this.#running.indexOf(attempt);
    if (index === -1) return;
    this.#running.splice(index, 1);
    this.#release(attempt);
    if (failed && this.#running.length > 0) {
      rules.tellDropped({ attempt: attempt.number, error: value });
      return;
    }
    if (failed) this.#close();
    else this.#won(attempt);
    sink.settled(failed, value);
  }

  abandoned(reason: unknown): void {
    for (const attempt of this.#close()) attempt.abort(reason);
  }

  /** Puts the call in the queue, if another attempt may follow in time. */
  #waitForNext(): void {
    const { rules, queue, scope } = this.#parts;
    if (this.#hedges >= rules.maxHedges) return;
    const { delay } = rules;
    this.#delayMs = 'read' in delay ? delay.read() : delay.delayMs;
    if (this.#delayMs >= scope.remainingMs) return;
    try {
      if ('read' in delay) queue.add(this, this.#delayMs);
      else queue.addTo(delay, this);
    } catch (clockError) {
      // Without timers it is a call as any other.
      rules.reportClock(clockError);
    }
  }

  #hedge(): void {
    const { rules, call } = this.#parts;
    const delayMs = this.#delayMs;
    if (rules.budget?.tryTake() === false) {
      rules.tellWithheld({ delayMs });
      return;
    }
    this.#hedges += 1;
    this.#waitForNext();
    const again = call.again();
    rules.tellHedged({ attempt: again.attempt, delayMs });
    if (this.#isOver) rules.budget?.giveBack();
    else this.#start(again, true);
  }

  #start(call: Call, isExtra: boolean): void {
    const { rules, next, scope } = this.#parts;
    const { delay } = rules;
    const startedAt = 'read' in delay ? delay.now() : 0;
    const attempt = new HedgeAttempt(this, scope, { number: call.attempt, isExtra, startedAt });
    this.#running.push(attempt);
    next.run(call, attempt, attempt);
  }

  #won(winner: HedgeAttempt): void {
    this.#observe(winner);
    const losers = this.#close();
    if (losers.length > 0) {
      const reason = lost();
      for (const loser of losers) {
        // One that began before took at least so long. Left out, the slow ones would never be seen, and the
        // delay would shrink.
        if (loser.number < winner.number) this.#observe(loser);
        loser.abort(reason);
      }
    }
    if (this.#hedges === 0) return;
    this.#parts.rules.tellWon({ attempt: winner.number, hedges: this.#hedges });
  }

  #observe({ startedAt }: HedgeAttempt): void {
    const { delay } = this.#parts.rules;
    if ('read' in delay) delay.observe(startedAt);
  }

  /** Nothing runs, waits or is held from now on. @returns the attempts that still run, to be given up */
  #close(): readonly HedgeAttempt[] {
    const { rules, queue, call } = this.#parts;
    this.#isOver = true;
    queue.remove(this);
    const running = this.#running;
    this.#running = [];
    for (const attempt of running) this.#release(attempt);
    if (this.#isCounted) rules.budget?.callEnded(call.identity);
    return running;
  }

  #release(attempt: HedgeAttempt): void {
    if (attempt.isExtra) this.#parts.rules.budget?.giveBack();
  }
}

/** What an attempt is given up for when another one has succeeded. Breakers ignore it. */
const lost = (): AbortedError =>
  withoutStack(
    () =>
      new AbortedError({
        reason: undefined,
        message: 'Another attempt of the same call was quicker.',
      }),
  );
