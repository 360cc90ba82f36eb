import type { Clock } from '../ports/clock.js';

interface PendingTimer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that only moves when told to. */
export class ManualClock implements Clock {
  #now = 0;
  #wallTime: number;
  readonly #timers = new Set<PendingTimer>();

  /** @param options `wallTime`: calendar time at the start in ms since 1970; default the start of 2026 (UTC) */
  constructor(options: { wallTime?: number } = {}) {
    this.#wallTime = options.wallTime ?? Date.UTC(2026, 0, 1);
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallTime;
  }

  /** How many timers wait to be called. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { dueAt: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves both times on by `ms` and calls each timer that falls due, in order, at its own time. */
  advance(ms: number): void {
    const end = this.#endAfter(ms);
    for (let timer = this.#nextDue(end); timer; timer = this.#nextDue(end)) this.#fire(timer);
    this.#moveTo(end);
  }

  /** As `advance`, but lets promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#endAfter(ms);
    await settlePromises();
    for (let timer = this.#nextDue(end); timer; timer = this.#nextDue(end)) {
      this.#fire(timer);
      await settlePromises();
    }
    this.#moveTo(end);
    await settlePromises();
  }

  /** Sets calendar time alone, as an operator or a time server does. */
  setWallTime(ms: number): void {
    this.#wallTime = ms;
  }

  /** Makes `now()` jump by `ms` (also backwards) without calling any timer: a clock that misbehaves. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #endAfter(ms: number): number {
    if (!(ms >= 0)) throw new RangeError(`A clock advances by 0 ms or more; it was told ${ms}.`);
    return this.#now + ms;
  }

  #nextDue(end: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }

  #fire(timer: PendingTimer): void {
    this.#timers.delete(timer);
    this.#moveTo(timer.dueAt);
    timer.callback();
  }

  #moveTo(time: number): void {
    if (time <= this.#now) return;
    this.#wallTime += time - this.#now;
    this.#now = time;
  }
}

/** Enough turns of the microtask queue for chains of promises; no timer, so it works under fake timers too. */
const settlePromises = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};
