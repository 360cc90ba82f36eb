import type { WindowCount } from '../window/outcome-window.js';

/** Rates are compared as whole millionths: 0.07 × 100 is not 7 in floating point. */
const MILLION = 1_000_000;

/** Opens when enough calls have finished and the share of failures has reached the limit. */
export class TripRule {
  readonly #minimumCalls: number;
  readonly #rateInMillionths: number;

  constructor(options: { readonly failureRate: number; readonly minimumCalls: number }) {
    this.#minimumCalls = options.minimumCalls;
    this.#rateInMillionths = Math.max(1, Math.round(options.failureRate * MILLION));
  }

  trips({ calls, failures }: WindowCount): boolean {
    return (
      failures > 0 &&
      calls >= this.#minimumCalls &&
      failures * MILLION >= this.#rateInMillionths * calls
    );
  }
}
