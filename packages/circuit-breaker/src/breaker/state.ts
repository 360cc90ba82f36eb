/** What a breaker does with calls: let them through, refuse them, or let a few through as trials. */
export type CircuitState = 'closed' | 'open' | 'halfOpen';

/** Each state with its own data alone. Times are those of `ElapsedTime`. */
export type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'heldClosed' }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'heldOpen' }
  | HalfOpen;

export interface HalfOpen {
  readonly kind: 'halfOpen';
  running: number;
  succeeded: number;
  /** Since when trials have been running without a pause; means nothing while none runs. */
  busySince: number;
}

/** The state as users know it; held ones look like those they imitate. */
export const publicState = (state: State): CircuitState => {
  if (state.kind === 'heldClosed') return 'closed';
  return state.kind === 'heldOpen' ? 'open' : state.kind;
};
