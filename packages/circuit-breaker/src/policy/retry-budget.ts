import { InvalidOptionError } from '../errors.js';
import { readNumber, refuseUnknown } from '../validation.js';

/** Defaults of a retry budget, with the reason for each. */
export const RETRY_BUDGET_DEFAULTS = Object.freeze({
  /** Extra attempts as a share of the calls that run. A fifth: passing trouble is covered, an outage adds little load. */
  ratio: 0.2,
  /** Extra attempts allowed however few calls run. Three: a quiet service may retry at all. */
  minConcurrent: 3,
} as const);

export interface RetryBudgetOptions {
  /** Extra attempts (retries and hedges, also those that wait) as a share of the calls that run; 0 to 1; default 0.2. */
  readonly ratio?: number | undefined;
  /** Extra attempts that are allowed in any case; 0 to 1,000; default 3. */
  readonly minConcurrent?: number | undefined;
}

/** Bounds the load that retries and hedges add. May be shared by any number of policies. */
export class RetryBudget {
  readonly #ratio: number;
  readonly #minConcurrent: number;
  readonly #calls = new Set<object>();
  #extras = 0;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: RetryBudgetOptions = {}) {
    refuseUnknown('', options, ['ratio', 'minConcurrent']);
    const { ratio, minConcurrent } = RETRY_BUDGET_DEFAULTS;
    this.#ratio = readNumber('ratio', options.ratio, ratio, { min: 0, max: 1 });
    this.#minConcurrent = readNumber('minConcurrent', options.minConcurrent, minConcurrent, {
      min: 0,
      max: 1000,
      integer: true,
    });
  }

  /** Calls that run, each counted once however often it is tried and by however many policies. */
  get calls(): number {
    return this.#calls.size;
  }

  /** Extra attempts that wait or run. */
  get extras(): number {
    return this.#extras;
  }

  /** @returns whether the call is new here: then, and only then, tell when it has ended */
  callStarted(call: object): boolean {
    const before = this.#calls.size;
    return this.#calls.add(call).size > before;
  }

  callEnded(call: object): void {
    this.#calls.delete(call);
  }

  /** Takes an extra attempt out of the budget, if it holds one; give it back when the attempt has ended. */
  tryTake(): boolean {
    const allowed = Math.max(this.#minConcurrent, this.#ratio * this.#calls.size);
    if (this.#extras + 1 > allowed) return false;
    this.#extras += 1;
    return true;
  }

  giveBack(): void {
    this.#extras -= 1;
  }
}

/** Bounds the load that retries and hedges add. @throws InvalidOptionError for an impossible option */
export const retryBudget = (options?: RetryBudgetOptions): RetryBudget => new RetryBudget(options);

/** @throws InvalidOptionError if `value` is given and is no budget */
export const readBudget = (
  option: string,
  value: RetryBudget | undefined,
): RetryBudget | undefined => {
  // By its method, so that a budget of another copy of this package is one too.
  if (value === undefined || typeof value?.tryTake === 'function') return value;
  throw new InvalidOptionError({ option, value, allowed: 'a budget made by retryBudget()' });
};
