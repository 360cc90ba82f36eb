import { formatMajor, type Money } from '../../../money/money.js';

interface GuardedRequest {
  readonly profileId: number;
  readonly cartId: string;
  readonly amount: Money;
}

/** Refuses the same profile, cart, amount and currency within its window. Never hands out the first transaction. */
export class DuplicateGuard {
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();

  constructor(options: { windowMs: number; now: () => number }) {
    this.#windowMs = options.windowMs;
    this.#now = options.now;
  }

  /** Whether the request repeats an earlier one; remembers it if not. */
  isDuplicate({ profileId, cartId, amount }: GuardedRequest): boolean {
    const now = this.#now();
    for (const [key, at] of this.#seen) {
      if (now - at < this.#windowMs) break;
      this.#seen.delete(key);
    }
    const key = JSON.stringify([profileId, cartId, formatMajor(amount), amount.currency]);
    if (this.#seen.has(key)) return true;
    this.#seen.set(key, now);
    return false;
  }
}
