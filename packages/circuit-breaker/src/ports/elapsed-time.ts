import { reportFailure } from '../events/guard.js';
import type { OnListenerError } from '../events/listener-failure.js';
import type { Clock } from './clock.js';

/**
 * Milliseconds that have passed, and never fewer than before: a clock that steps back adds nothing,
 * and its time counts on from where it stepped to. One that then steps forward again adds that step,
 * which looks like time that passed. While a clock throws or gives no number, time stands still.
 */
export class ElapsedTime {
  static readonly #ofClock = new WeakMap<object, ElapsedTime>();

  readonly #clock: Pick<Clock, 'now'>;
  #lastSeen = Number.NaN;
  /** What the clock said when nothing had passed; moves when it steps back. */
  #zero = 0;
  #failing = false;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The elapsed time of `clock`, the same for everybody, so that times of two users can be compared. */
  static of(clock: Pick<Clock, 'now'>): ElapsedTime {
    let time = ElapsedTime.#ofClock.get(clock);
    if (time === undefined) {
      time = new ElapsedTime(clock);
      ElapsedTime.#ofClock.set(clock, time);
    }
    return time;
  }

  /** @param hook told, a moment later, when the clock has stopped working: once each time it does */
  read(hook?: OnListenerError): number {
    let now: number;
    try {
      now = this.#clock.now();
    } catch (error) {
      return this.#stopped(error, hook);
    }
    // What a clock says that neither starts, steps back nor breaks: nearly always.
    if (!(typeof now === 'number' && now >= this.#lastSeen && now < Number.POSITIVE_INFINITY)) {
      return this.#readOddly(now, hook);
    }
    this.#lastSeen = now;
    if (this.#failing) this.#failing = false;
    return now - this.#zero;
  }

  #readOddly(now: number, hook: OnListenerError | undefined): number {
    if (!Number.isFinite(now)) {
      return this.#stopped(new TypeError('now() must return a number.'), hook);
    }
    this.#failing = false;
    // At the first reading nothing has passed, and by a step back nothing is added.
    this.#zero = now - this.#elapsed;
    this.#lastSeen = now;
    return this.#elapsed;
  }

  get #elapsed(): number {
    return Number.isNaN(this.#lastSeen) ? 0 : this.#lastSeen - this.#zero;
  }

  #stopped(error: unknown, hook: OnListenerError | undefined): number {
    if (this.#failing) return this.#elapsed;
    this.#failing = true;
    // Told later: a hook that uses the breaker must not find it in the middle of a change.
    queueMicrotask(() => reportFailure(hook, { kind: 'callback', name: 'clock', error }));
    return this.#elapsed;
  }
}
