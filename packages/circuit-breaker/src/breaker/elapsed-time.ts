import type { Clock } from '../ports/clock.js';

/**
 * Milliseconds that have passed, and never fewer than before: a clock that steps back adds nothing,
 * and its time counts on from where it stepped to.
 */
export class ElapsedTime {
  readonly #clock: Pick<Clock, 'now'>;
  #lastSeen: number;
  #elapsed = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#lastSeen = clock.now();
  }

  read(): number {
    const now = this.#clock.now();
    if (!Number.isFinite(now)) return this.#elapsed;
    const step = now - this.#lastSeen;
    this.#lastSeen = now;
    if (step > 0) this.#elapsed += step;
    return this.#elapsed;
  }
}
