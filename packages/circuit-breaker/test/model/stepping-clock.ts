import type { Clock } from '../../src/index.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock whose readings can be set back, as calendar clocks are, while its timers go on as those of a
 * machine do. `ManualClock` sets both back at once.
 */
export class SteppingClock implements Clock {
  readonly slackMs: number;
  /** While true `now()` throws. */
  isBroken = false;
  #machineTime = 0;
  #offset = 0;
  #calendarOffset = 1_700_000_000_000;
  readonly #timers: Timer[] = [];

  constructor(slackMs = 0) {
    this.slackMs = slackMs;
  }

  now(): number {
    if (this.isBroken) throw new Error('the clock is broken');
    return this.#machineTime + this.#offset;
  }

  wallTime(): number {
    return this.#machineTime + this.#calendarOffset;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { dueAt: this.#machineTime + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place !== -1) this.#timers.splice(place, 1);
    };
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Time passes; each timer is called at its own time. */
  advance(ms: number): void {
    const end = this.#machineTime + ms;
    for (let timer = this.#take(end); timer !== undefined; timer = this.#take(end)) {
      this.#machineTime = Math.max(this.#machineTime, timer.dueAt);
      timer.callback();
    }
    this.#machineTime = end;
  }

  /** Time passes while the process sleeps: the timers are called late, all at the end. */
  oversleep(ms: number): void {
    this.#machineTime += ms;
    this.advance(0);
  }

  stepBack(ms: number): void {
    this.#offset -= ms;
  }

  /** Someone sets the calendar, on or back. */
  stepCalendar(ms: number): void {
    this.#calendarOffset += ms;
  }

  /** Takes out the timer that is due first, if one is due by `end`. */
  #take(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    if (first !== undefined) this.#timers.splice(this.#timers.indexOf(first), 1);
    return first;
  }
}
