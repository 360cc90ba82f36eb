import type { CircuitState } from './state.js';
import type { TripReason } from './trip-rules.js';

/** Why a breaker opened. */
export type OpenReason =
  | TripReason
  /** A trial call failed, or too many of them. */
  | 'trialFailed'
  /** Trial calls ran for `maxDurationMs` without a verdict. */
  | 'trialsTimedOut'
  /** A classification asked for it (`openForMs`). */
  | 'retryAfter'
  /** It fails far more often than its peers in the group. */
  | 'outlier'
  /** `holdOpen()` or `trip()`. */
  | 'byHand'
  /** `importState()`. */
  | 'restored'
  /** `shutDown()`. */
  | 'shutDown';

/** The reasons that may be given to `trip()`: the others are found by the breaker itself. */
export const TRIP_REASONS = ['byHand', 'outlier'] as const satisfies readonly OpenReason[];

export interface TripOptions {
  /** Milliseconds; 1 to 30 days. Default: what `openForMs` of the breaker says. */
  readonly openForMs?: number | undefined;
  /** Told by `opened`. Default `byHand`. */
  readonly reason?: (typeof TRIP_REASONS)[number] | undefined;
}

/** Why a breaker closed. */
export type CloseReason =
  | 'trialsSucceeded'
  | 'rampedUp'
  /** `holdClosed()`. */
  | 'byHand'
  | 'reset'
  /** `update()` with a mode in which it does not open. */
  | 'modeChanged'
  | 'restored';

/** The window at the moment of a transition. */
export interface WindowCount {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** A change that users are told of. */
export type Transition =
  | {
      readonly to: 'open' | 'wouldOpen';
      readonly from: CircuitState;
      readonly reason: OpenReason;
      readonly retryAfterMs: number;
      readonly window: WindowCount;
    }
  | { readonly to: 'halfOpen' | 'rampUp'; readonly from: CircuitState }
  | { readonly to: 'closed'; readonly from: CircuitState; readonly reason: CloseReason };
