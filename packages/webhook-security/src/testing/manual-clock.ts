import type { Clock } from '../ports/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that stands still until told otherwise. Timers fire, in order, while it advances. */
export class ManualClock implements Clock {
  #now = 0;
  #wallTime: number;
  readonly #timers = new Set<Timer>();

  /** @param wallTime milliseconds since 1970; 2026-01-01 by default */
  constructor(wallTime: number = Date.UTC(2026, 0, 1)) {
    this.#wallTime = wallTime;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallTime;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { dueAt: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves both readings on by `ms` and fires the timers that fall due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#timers.delete(next);
      this.#moveTo(Math.max(this.#now, next.dueAt));
      next.callback();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock alone, as an operator or a time service would. */
  setWallTime(ms: number): void {
    this.#wallTime = ms;
  }

  #moveTo(now: number): void {
    this.#wallTime += now - this.#now;
    this.#now = now;
  }

  #nextDue(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}
