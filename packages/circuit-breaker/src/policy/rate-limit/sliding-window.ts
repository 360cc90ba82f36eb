import { DUE_MS, type PermitStore } from './permit-store.js';

export interface SlidingWindowOptions {
  readonly limit: number;
  readonly intervalMs: number;
}

/**
 * At most `limit` permits in any stretch of `intervalMs`, exactly: it remembers when each of the last
 * ones was taken. A permit comes back `intervalMs` after it was taken.
 */
export class SlidingWindow implements PermitStore {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** A ring of times, oldest first from `#oldest`; it grows with use, up to `limit`. */
  readonly #times: number[] = [];
  #oldest = 0;
  #taken = 0;

  constructor({ limit, intervalMs }: SlidingWindowOptions) {
    this.#limit = limit;
    this.#intervalMs = intervalMs;
  }

  take(now: number): number {
    const waitMs = this.waitFor(now, 1);
    if (waitMs > 0) return waitMs;
    this.#times[(this.#oldest + this.#taken) % this.#limit] = now;
    this.#taken += 1;
    return 0;
  }

  waitFor(now: number, n: number): number {
    const free = this.available(now);
    // From the `limit`th permit on, each waits for one that is itself yet to be taken.
    const turns = Math.floor((n - 1) / this.#limit);
    const nth = n - turns * this.#limit - free;
    const firstMs = nth > 0 ? this.#timeOf(nth - 1) + this.#intervalMs - now : 0;
    return firstMs + turns * this.#intervalMs;
  }

  available(now: number): number {
    while (this.#taken > 0 && this.#timeOf(0) + this.#intervalMs <= now + DUE_MS) {
      this.#oldest = (this.#oldest + 1) % this.#limit;
      this.#taken -= 1;
    }
    return this.#limit - this.#taken;
  }

  #timeOf(place: number): number {
    return this.#times[(this.#oldest + place) % this.#limit] ?? 0;
  }
}
