import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { DeadlineQueue } from './deadline-queue.js';
import { PlainDeadlineEntry } from './plain-deadline-entry.js';

/**
 * Elapsed time that may be `slackMs` of the clock old, and in exchange costs next to nothing to read.
 * It ticks while someone asks, and holds no timer otherwise.
 */
export class CoarseTime extends PlainDeadlineEntry {
  static readonly #ofClock = new WeakMap<Clock, CoarseTime>();

  readonly #time: ElapsedTime;
  readonly #queue: DeadlineQueue;
  readonly #slackMs: number;
  #value = 0;
  #isTicking = false;
  #wasAsked = false;

  private constructor(clock: Clock, slackMs: number) {
    super();
    this.#time = ElapsedTime.of(clock);
    this.#queue = DeadlineQueue.of(clock);
    this.#slackMs = slackMs;
  }

  /** The coarse time of `clock`, the same for everybody; exact time if that clock has no slack. */
  static of(clock: Clock): { read(): number } {
    const { slackMs } = clock;
    if (slackMs === undefined || !(slackMs > 0)) return ElapsedTime.of(clock);
    let time = CoarseTime.#ofClock.get(clock);
    if (time === undefined) {
      time = new CoarseTime(clock, slackMs);
      CoarseTime.#ofClock.set(clock, time);
    }
    return time;
  }

  read(): number {
    this.#wasAsked = true;
    if (!this.#isTicking) this.#tick();
    return this.#value;
  }

  override expired(): void {
    this.#isTicking = false;
    if (this.#wasAsked) this.#tick();
  }

  #tick(): void {
    this.#value = this.#time.read();
    this.#wasAsked = false;
    try {
      this.#queue.addTo(this.#queue.lane(this.#slackMs), this);
      this.#isTicking = true;
    } catch {
      // A clock without timers: each reading is exact instead.
    }
  }
}
