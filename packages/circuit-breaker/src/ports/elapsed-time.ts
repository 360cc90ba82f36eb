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
  #elapsed = 0;
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
      if (!Number.isFinite(now)) throw new TypeError('now() must return a number.');
    } catch (error) {
      this.#stopped(error, hook);
      return this.#elapsed;
    }
    this.#failing = false;
    const step = now - this.#lastSeen;
    this.#lastSeen = now;
    if (step > 0) this.#elapsed += step;
    return this.#elapsed;
  }

  #stopped(error: unknown, hook: OnListenerError | undefined): void {
    if (this.#failing) return;
    this.#failing = true;
    // Told later: a hook that uses the breaker must not find it in the middle of a change.
    queueMicrotask(() => reportFailure(hook, { kind: 'callback', name: 'clock', error }));
  }
}
