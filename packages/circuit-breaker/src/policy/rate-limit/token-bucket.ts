import { DUE_MS, type PermitStore } from './permit-store.js';

export interface TokenBucketOptions {
  readonly limit: number;
  readonly intervalMs: number;
  readonly burst: number;
}

/**
 * Permits that come one by one, evenly, and are kept up to `burst`. Only one number is needed: when the
 * bucket will be full again if nobody takes anything. Each permit taken puts that off by the time one
 * takes to come.
 */
export class TokenBucket implements PermitStore {
  readonly #stepMs: number;
  readonly #burst: number;
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor({ limit, intervalMs, burst }: TokenBucketOptions) {
    this.#stepMs = intervalMs / limit;
    this.#burst = burst;
  }

  take(now: number): number {
    const waitMs = this.waitFor(now, 1);
    if (waitMs === 0) this.#fullAt = Math.max(this.#fullAt, now) + this.#stepMs;
    return waitMs;
  }

  waitFor(now: number, n: number): number {
    const waitMs = Math.max(this.#fullAt, now) + (n - this.#burst) * this.#stepMs - now;
    return waitMs > DUE_MS ? waitMs : 0;
  }

  available(now: number): number {
    const missing = Math.max(0, this.#fullAt - now) / this.#stepMs;
    return Math.floor(this.#burst - missing + DUE_MS / this.#stepMs);
  }
}
