import { reportFailure } from '../events/guard.js';
import { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer } from '../operation/layer.js';
import { ownLayer } from '../operation/own-layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { LONGEST_MS, readNumber, refuseUnknown } from '../validation.js';
import { HEDGE_DEFAULTS, type HedgeDelay, ObservedDelay } from './hedge-delay.js';
import { HedgeFrame, type HedgeRules } from './hedge-frame.js';
import { type RetryBudget, readBudget } from './retry-budget.js';

export interface HedgeOptions extends PolicyOptions {
  /**
   * Milliseconds after which another attempt is made beside those that run (0 to 30 days), or what they
   * follow from. Default: what 95 % of the calls of the last minute did not exceed, at least 10.
   */
  readonly delayMs?: number | HedgeDelay | undefined;
  /** Further attempts, each `delayMs` after the one before; 1 to 10; default 1. */
  readonly maxHedges?: number | undefined;
  /** Bounds the further attempts that run; may be shared with `retry`. Default: none. */
  readonly budget?: RetryBudget | undefined;
}

export interface HedgeEvents {
  /** Another attempt begins, `delayMs` after the one before. */
  hedged: { readonly attempt: number; readonly delayMs: number };
  /** Another attempt was due, and the budget holds none. */
  withheld: { readonly delayMs: number };
  /** An attempt failed while another one runs: nobody is given its error. */
  dropped: { readonly attempt: number; readonly error: unknown };
  /** A call for which there were further attempts (`hedges` of them) succeeded; the others are given up. */
  won: { readonly attempt: number; readonly hedges: number };
}

/**
 * Makes another attempt beside one that takes long. The first success wins; a failure counts only when
 * nothing runs any more. Takes only operations declared `safe` or `idempotent`.
 */
export class HedgePolicy extends Policy<never, true, HedgeEvents> {
  readonly kind = 'hedge';
  readonly repeats = true;
  readonly runsLater = true;
  readonly maxHedges: number;
  readonly budget: RetryBudget | undefined;
  readonly #delay: number | ObservedDelay;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: HedgeOptions = {}) {
    refuseUnknown('', options, ['delayMs', 'maxHedges', 'budget', ...POLICY_OPTIONS]);
    super(options);
    const { delayMs = {} } = options;
    this.#delay =
      typeof delayMs === 'object' && delayMs !== null
        ? new ObservedDelay(delayMs, this.clock)
        : readNumber('delayMs', delayMs, undefined, { min: 0, max: LONGEST_MS, unit: 'ms' });
    this.maxHedges = readNumber('maxHedges', options.maxHedges, HEDGE_DEFAULTS.maxHedges, {
      min: 1,
      max: 10,
      integer: true,
      unit: 'attempts',
    });
    this.budget = readBudget('budget', options.budget);
  }

  /** The delay in milliseconds at this moment. */
  get delayMs(): number {
    return typeof this.#delay === 'number' ? this.#delay : this.#delay.read();
  }

  layer(next: Layer): Layer {
    const queue = DeadlineQueue.of(this.clock);
    const delay = this.#delay;
    const rules: HedgeRules = {
      maxHedges: this.maxHedges,
      budget: this.budget,
      delay: typeof delay === 'number' ? queue.lane(delay) : delay,
      tellHedged: (told) => this.emit('hedged', told),
      tellWithheld: (told) => this.emit('withheld', told),
      tellDropped: (told) => this.emit('dropped', told),
      tellWon: (told) => this.emit('won', told),
      reportClock: (error) =>
        reportFailure(this.onListenerError, { kind: 'callback', name: 'clock', error }),
    };
    return ownLayer((call, scope, sink) =>
      new HedgeFrame({ rules, queue, next, call, scope, sink }).begin(),
    );
  }
}

/**
 * Makes another attempt beside one that takes long: `hedge().execute(safe(fetchRates))`. For reading, where
 * a few slow answers make most of the wait.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const hedge = (options?: HedgeOptions): HedgePolicy => new HedgePolicy(options);
