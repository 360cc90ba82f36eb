import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { Hold } from '../breaker/hold.js';
import { readText } from '../validation.js';
import { type BreakerChoice, readBreakerChoice } from './breaker-choice.js';

/** What to hold, and why. */
export type RegistryHoldOptions = BreakerChoice & {
  /** Why, for people; not blank. */
  readonly reason?: string | undefined;
};

/** One hold over many breakers, also over those that are made while it is out. */
export class RegistryHold implements Hold {
  readonly kind: 'open' | 'closed';
  readonly reason: string | undefined;
  readonly #covers: (breaker: CircuitBreaker) => boolean;
  readonly #onRelease: (hold: RegistryHold) => void;
  #holds: Hold[] | undefined = [];

  /** @throws InvalidOptionError */
  constructor(
    kind: 'open' | 'closed',
    options: RegistryHoldOptions,
    onRelease: (hold: RegistryHold) => void,
  ) {
    this.kind = kind;
    this.#covers = readBreakerChoice(options, ['reason']);
    this.reason = options.reason === undefined ? undefined : readText('reason', options.reason);
    this.#onRelease = onRelease;
  }

  /** Holds `breaker` too, if it is one of those. */
  take(breaker: CircuitBreaker): void {
    if (this.#holds === undefined || !this.#covers(breaker)) return;
    const { reason } = this;
    const hold =
      this.kind === 'open' ? breaker.holdOpen({ reason }) : breaker.holdClosed({ reason });
    this.#holds.push(hold);
  }

  release(): void {
    const holds = this.#holds;
    if (holds === undefined) return;
    this.#holds = undefined;
    this.#onRelease(this);
    for (const hold of holds) hold.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
