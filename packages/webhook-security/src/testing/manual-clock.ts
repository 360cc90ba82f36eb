import type { Clock } from '../ports/clock.js';

interface PendingTimer {
  readonly dueAt: number;
  readonly callback: () => void;
}

export interface ManualClockOptions {
  /** Calendar time at the start, in ms since 1970. Default: the start of 2026 (UTC). */
  readonly wallTime?: number;
  /** Monotonic time at the start, in ms. Default: 0. */
  readonly now?: number;
}

/** A clock that only moves when told to. A time that is no finite number is a RangeError. */
export class ManualClock implements Clock {
  #now: number;
  #wallTime: number;
  readonly #timers = new Set<PendingTimer>();

  constructor(options: ManualClockOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError('A clock is made with { wallTime, now }.');
    }
    this.#now = finite('now', options.now ?? 0);
    this.#wallTime = finite('wallTime', options.wallTime ?? Date.UTC(2026, 0, 1));
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
    const timer = { dueAt: this.#now + Math.max(0, finite('delayMs', delayMs)), callback };
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
    this.#wallTime = finite('wallTime', ms);
  }

  /** Makes `now()` jump by `ms` (also backwards) without calling any timer: a clock that misbehaves. */
  jump(ms: number): void {
    this.#now += finite('ms', ms);
  }

  #endAfter(ms: number): number {
    if (finite('ms', ms) >= 0) return this.#now + ms;
    throw new RangeError(`A clock advances by 0 ms or more; it was told ${ms}.`);
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

const finite = (name: string, ms: number): number => {
  if (Number.isFinite(ms)) return ms;
  throw new RangeError(`A clock's ${name} must be a finite number of milliseconds.`);
};

/** Enough turns of the microtask queue for chains of promises; no timer, so it works under fake timers too. */
const settlePromises = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};
