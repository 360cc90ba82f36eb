import type { Clock } from '@nestcms/circuit-breaker';
import type { CausalToken } from './causal-token.js';

/** How far the database was, and when it was asked. Monotonic ms. */
export interface KnownPoint {
  readonly point: CausalToken;
  readonly askedAt: number;
}

/**
 * How far the database was a moment ago, for the time in which nobody says what was invalidated: rows that
 * are as of that point lack no write that was acknowledged before it was asked for.
 */
export class AwayPoint {
  readonly #ask: () => Promise<CausalToken | undefined>;
  readonly #clock: Clock;
  #known: KnownPoint | undefined;
  #asking: { readonly promise: Promise<void>; readonly askedAt: number } | undefined;

  constructor(ask: () => Promise<CausalToken | undefined>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /**
   * A point that was asked for no earlier than `notBefore`, and is asked for again in time for those who come next.
   * @returns undefined if it cannot be had
   */
  async since(notBefore: number, renewAfterMs: number): Promise<KnownPoint | undefined> {
    const known = this.#known;
    if (known !== undefined && known.askedAt >= notBefore) {
      if (this.#clock.now() - known.askedAt >= renewAfterMs) void this.#renew(this.#clock.now());
      return known;
    }
    await this.#renew(notBefore);
    return this.#known !== undefined && this.#known.askedAt >= notBefore ? this.#known : undefined;
  }

  /** One question at a time, shared by all who may be answered by it. */
  #renew(notBefore: number): Promise<void> {
    if (this.#asking !== undefined && this.#asking.askedAt >= notBefore)
      return this.#asking.promise;
    const askedAt = this.#clock.now();
    const promise = this.#ask()
      .then((point) => {
        if (point === undefined || (this.#known?.askedAt ?? -1) > askedAt) return;
        this.#known = { point, askedAt };
      })
      .catch(() => {})
      .finally(() => {
        if (this.#asking?.promise === promise) this.#asking = undefined;
      });
    this.#asking = { promise, askedAt };
    return promise;
  }
}
