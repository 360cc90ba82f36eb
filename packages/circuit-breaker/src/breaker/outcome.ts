/** What a breaker makes of a call: `ignored` says nothing about the health of the other side. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** How a call ended. */
export type Settled =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly error: unknown };

/** An outcome, and what else an answer may say. */
export interface Verdict {
  readonly outcome: Outcome;
  /** As how many calls it counts in the rates; 0.01 to 100, in hundredths; default 1. */
  readonly weight?: number | undefined;
  /** Opens the breaker now and for so many ms, as a `Retry-After` asks; above 0, to 30 days. */
  readonly openForMs?: number | undefined;
}

/** What a call's end counts as. */
export type Classification = Outcome | Verdict;

/** Turns the end of a call into what it counts as. */
export type Classify = (settled: Settled) => Classification;
