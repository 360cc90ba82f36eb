import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { slackOf } from '../ports/slack-of.js';
import { hasOriginalTimers, systemClock } from '../ports/system-clock.js';
import type { TimeSource } from '../ports/time-source.js';
import { timerSourceOf } from '../ports/timer-source-of.js';
import { DeadlineQueue } from './deadline-queue.js';
import { PlainDeadlineEntry } from './plain-deadline-entry.js';

/** The clock is looked at after so many readings, for no tick comes while nothing lets timers have their turn. */
const LOOK_EVERY = 32;

/**
 * Elapsed time that may be `slackMs` of the clock old, and in exchange costs next to nothing to read.
 * It ticks while someone asks, and holds no timer otherwise.
 */
export class CoarseTime extends PlainDeadlineEntry implements TimeSource {
  static readonly #ofClock = new WeakMap<Clock, CoarseTime>();

  readonly #clock: Clock;
  /** Nobody waits for it: a process may end meanwhile. */
  readonly isBackground = true;
  readonly #time: ElapsedTime;
  readonly #queue: DeadlineQueue;
  readonly #timerSource: () => unknown;
  /** The clock that nearly all have, for which there is a shorter way. */
  readonly #isSystem: boolean;
  #value = 0;
  #isTicking = false;
  #readings = 0;
  #wasAsked = false;
  /** Who is to be told before it goes on. */
  #told: (() => void)[] = [];

  private constructor(clock: Clock) {
    super();
    this.#clock = clock;
    this.#time = ElapsedTime.of(clock);
    this.#queue = DeadlineQueue.of(clock);
    this.#timerSource = timerSourceOf(clock);
    this.#isSystem = clock === systemClock;
  }

  /** The coarse time of `clock`, the same for everybody; exact time if that clock has no slack. */
  static of(clock: Clock): TimeSource {
    if (slackOf(clock) === 0) return ElapsedTime.of(clock);
    let time = CoarseTime.#ofClock.get(clock);
    if (time === undefined) {
      time = new CoarseTime(clock);
      CoarseTime.#ofClock.set(clock, time);
    }
    return time;
  }

  read(): number {
    this.#wasAsked = true;
    this.#readings += 1;
    if (!this.ticks) this.#tick();
    else if (this.#readings >= LOOK_EVERY) this.#look();
    return this.#value;
  }

  get ticks(): boolean {
    // A tick that waits for a timer of another source may never come.
    return this.#isTicking && (this.#isSystem ? hasOriginalTimers() : this.#hasItsSource());
  }

  #hasItsSource(): boolean {
    return this.#queue.timerSource === this.#timerSource();
  }

  beforeTick(tell: () => void): boolean {
    if (!this.ticks) return false;
    this.#told.push(tell);
    return true;
  }

  override expired(): void {
    this.#tellAll();
    this.#isTicking = false;
    if (this.#wasAsked) this.#tick();
  }

  #tellAll(): void {
    if (this.#told.length === 0) return;
    const told = this.#told;
    this.#told = [];
    for (const tell of told) tell();
  }

  /** Goes on without a tick that is overdue. */
  #look(): void {
    this.#readings = 0;
    const now = this.#time.read();
    if (now - this.#value <= slackOf(this.#clock)) return;
    this.#tellAll();
    this.#value = now;
  }

  #tick(): void {
    this.#tellAll();
    this.#value = this.#time.read();
    this.#readings = 0;
    this.#wasAsked = false;
    this.#queue.remove(this);
    this.#isTicking = false;
    const slackMs = slackOf(this.#clock);
    if (slackMs === 0) return;
    try {
      this.#queue.addTo(this.#queue.lane(slackMs), this);
      this.#isTicking = true;
    } catch {
      // A clock without timers: each reading is exact instead.
    }
  }
}
