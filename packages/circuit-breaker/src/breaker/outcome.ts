/** What a breaker makes of a call: `ignored` says nothing about the health of the other side. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** How a call ended. */
export type Settled =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly error: unknown };

/** Turns the end of a call into an outcome. */
export type Classify = (settled: Settled) => Outcome;
