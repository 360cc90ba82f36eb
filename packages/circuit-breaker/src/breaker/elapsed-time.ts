import type { Clock } from '../ports/clock.js';

/**
 * Milliseconds that have passed, and never fewer than before: a clock that steps back adds nothing,
 * and its time counts on from where it stepped to. One that then steps forward again adds that step,
 * which looks like time that passed. While a clock throws or gives no number, time stands still.
 */
export class ElapsedTime {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onFailure: (error: unknown) => void;
  #lastSeen = Number.NaN;
  #elapsed = 0;
  #failing = false;

  /** @param onFailure told once each time the clock stops working; must not throw */
  constructor(clock: Pick<Clock, 'now'>, onFailure: (error: unknown) => void = () => {}) {
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.read();
  }

  read(): number {
    const now = this.#look();
    if (now === undefined) return this.#elapsed;
    const step = now - this.#lastSeen;
    this.#lastSeen = now;
    if (step > 0) this.#elapsed += step;
    return this.#elapsed;
  }

  #look(): number | undefined {
    try {
      const now: unknown = this.#clock.now();
      if (typeof now !== 'number' || !Number.isFinite(now)) {
        throw new TypeError('now() must return a number.');
      }
      this.#failing = false;
      return now;
    } catch (error) {
      if (!this.#failing) this.#onFailure(error);
      this.#failing = true;
      return undefined;
    }
  }
}
