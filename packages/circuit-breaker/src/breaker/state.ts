import type { TimeSource } from '../ports/time-source.js';
import type { RampUp } from './ramp-up.js';
import type { HalfOpen } from './trials.js';

/** What a breaker does with calls: let them through, refuse them, or let a few through as trials. */
export type CircuitState = 'closed' | 'open' | 'halfOpen';

/** Each state with its own data alone. Times are those of `ElapsedTime`. */
export type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'heldClosed' }
  | { readonly kind: 'disabled' }
  | {
      readonly kind: 'shutDown';
      /** The state it was shut down in, for those who keep it. */
      readonly before: State;
    }
  | { readonly kind: 'heldOpen' }
  | Open
  | HalfOpen
  | RampUp;

/** Refuses all calls for a time. */
export interface Open {
  readonly kind: 'open';
  readonly until: number;
  /** How long it is open in all. */
  readonly waitMs: number;
  /** Time that costs nothing to read, for the many calls that are refused. */
  readonly coarse: TimeSource;
}

const PUBLIC: Readonly<Record<State['kind'], CircuitState>> = {
  closed: 'closed',
  heldClosed: 'closed',
  disabled: 'closed',
  open: 'open',
  heldOpen: 'open',
  shutDown: 'open',
  halfOpen: 'halfOpen',
  rampUp: 'halfOpen',
};

/** The state as users know it; held ones look like those they imitate. */
export const publicState = (state: State): CircuitState => PUBLIC[state.kind];
