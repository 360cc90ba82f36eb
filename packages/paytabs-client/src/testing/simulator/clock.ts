import type { Clock } from '@nestcms/circuit-breaker';

interface Timer {
  readonly dueAt: number;
  readonly fire: () => void;
  cancel: () => void;
}

/** After it dates have no four-digit year, and references no two-digit one. */
const endOfTime = Date.UTC(9999, 11, 31);

/** A clock that can be moved forward: page lifetimes, the duplicate guard and callback retries follow it. */
export class SimulatorClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  #offsetMs = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offsetMs;
  }

  wallTime(): number {
    return this.#base.wallTime() + this.#offsetMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const fire = () => {
      this.#drop(timer);
      callback();
    };
    const cancel = this.#base.setTimer(fire, delayMs);
    const timer: Timer = { dueAt: this.now() + delayMs, fire, cancel };
    this.#timers.add(timer);
    return () => this.#drop(timer);
  }

  /**
   * Moves time forward and fires, in order and each at its own time, what falls due, also what comes up on the way.
   * @throws RangeError for a negative number of milliseconds, or one that leads out of the calendar
   */
  advance(ms: number): void {
    if (!(ms >= 0 && this.wallTime() + ms <= endOfTime)) {
      throw new RangeError(`Time moves forward only, and not beyond the year 9999: ${ms} ms`);
    }
    const offsetMs = this.#offsetMs + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.dueAt > this.#base.now() + offsetMs) break;
      // Whole milliseconds, as calendars have them.
      const atItsTime = Math.min(offsetMs, Math.ceil(next.dueAt - this.#base.now()));
      this.#offsetMs = Math.max(this.#offsetMs, atItsTime);
      next.fire();
    }
    this.#offsetMs = Math.max(this.#offsetMs, offsetMs);
    for (const timer of this.#timers) this.#rearm(timer);
  }

  /** Cancels every timer. */
  stop(): void {
    for (const timer of this.#timers) this.#drop(timer);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.dueAt < next.dueAt) next = timer;
    }
    return next;
  }

  /** The clock beneath has still to wait for what is left. */
  #rearm(timer: Timer): void {
    timer.cancel();
    timer.cancel = this.#base.setTimer(timer.fire, Math.max(0, timer.dueAt - this.now()));
  }

  #drop(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}
