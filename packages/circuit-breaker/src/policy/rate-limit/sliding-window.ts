import { DUE_MS, type PermitStore } from './permit-store.js';

export interface SlidingWindowOptions {
  readonly limit: number;
  readonly intervalMs: number;
}

const FIRST_SIZE = 16;

/**
 * At most `limit` permits in any stretch of `intervalMs`, exactly: it remembers when each of the last
 * ones was taken. A permit comes back `intervalMs` after it was taken.
 */
export class SlidingWindow implements PermitStore {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** A ring of times, oldest first from `#oldest`; grows up to `limit`. */
  #times: Float64Array;
  #oldest = 0;
  #taken = 0;

  constructor({ limit, intervalMs }: SlidingWindowOptions) {
    this.#limit = limit;
    this.#intervalMs = intervalMs;
    this.#times = new Float64Array(Math.min(limit, FIRST_SIZE));
  }

  take(now: number): number {
    const waitMs = this.waitFor(now, 1);
    if (waitMs > 0) return waitMs;
    if (this.#taken === this.#times.length) this.#grow();
    this.#times[(this.#oldest + this.#taken) % this.#times.length] = now;
    this.#taken += 1;
    return 0;
  }

  waitFor(now: number, n: number): number {
    this.#forget(now);
    const free = this.#limit - this.#taken;
    if (n <= free) return 0;
    // From the `limit`th permit on, each waits for one that is itself yet to be taken.
    const turns = Math.floor((n - 1) / this.#limit);
    const nth = n - turns * this.#limit - free;
    const firstMs = nth > 0 ? this.#timeOf(nth - 1) + this.#intervalMs - now : 0;
    return firstMs + turns * this.#intervalMs;
  }

  available(now: number): number {
    this.#forget(now);
    return this.#limit - this.#taken;
  }

  /** Drops the times that are no longer in the window that ends now. */
  #forget(now: number): void {
    while (this.#taken > 0 && this.#timeOf(0) + this.#intervalMs <= now + DUE_MS) {
      this.#oldest = (this.#oldest + 1) % this.#times.length;
      this.#taken -= 1;
    }
  }

  #timeOf(place: number): number {
    return this.#times[(this.#oldest + place) % this.#times.length] ?? 0;
  }

  #grow(): void {
    const times = new Float64Array(Math.min(this.#limit, this.#times.length * 2));
    for (let place = 0; place < this.#taken; place += 1) times[place] = this.#timeOf(place);
    this.#times = times;
    this.#oldest = 0;
  }
}
