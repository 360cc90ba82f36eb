/**
 * Where the permits of a rate limit come from. It answers at once, from what it holds: one that shares a
 * limit with other processes would fetch permits by the batch, ahead of need, and hand them out here.
 *
 * `now` is elapsed time in milliseconds, and never less than in a call before.
 */
export interface PermitStore {
  /** Takes a permit, if there is one. @returns 0 if so, else the milliseconds until there may be one */
  take(now: number): number;
  /** Milliseconds until the `n`th permit from now is there, if nobody else takes one; 0 if it is there. */
  waitFor(now: number, n: number): number;
  /** Permits that are there. */
  available(now: number): number;
}

/** What is due within a ten-thousandth of a millisecond is due: sums of times are no more exact than that. */
export const DUE_MS = 0.0001;
