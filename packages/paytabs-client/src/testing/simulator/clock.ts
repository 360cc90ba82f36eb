import type { Clock } from '@nestcms/circuit-breaker';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
  cancel: () => void;
}

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
    const timer: Timer = { dueAt: this.now() + delayMs, callback, cancel: () => undefined };
    const fire = () => {
      if (this.#timers.delete(timer)) callback();
    };
    timer.cancel = this.#base.setTimer(fire, delayMs);
    this.#timers.add(timer);
    return () => this.#drop(timer);
  }

  /** Moves time forward and fires, in order, what falls due. Milliseconds, not negative. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`Time moves forward only, not by ${ms} ms`);
    this.#offsetMs += ms;
    const due = [...this.#timers].filter((timer) => timer.dueAt <= this.now());
    for (const timer of due.sort((left, right) => left.dueAt - right.dueAt)) {
      // An earlier callback may have cancelled it.
      if (!this.#timers.has(timer)) continue;
      this.#drop(timer);
      timer.callback();
    }
  }

  /** Cancels every timer. */
  stop(): void {
    for (const timer of this.#timers) this.#drop(timer);
  }

  #drop(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}
