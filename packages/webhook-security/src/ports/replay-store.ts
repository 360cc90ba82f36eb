/**
 * What a claim found: nobody had the delivery and it is now ours, another worker holds it,
 * or it was handled before.
 */
export type ClaimResult = 'claimed' | 'claimedElsewhere' | 'confirmed' | KeptAnswer;

/** It was handled before, and the answer of that time was kept. */
export interface KeptAnswer {
  readonly result: 'confirmed';
  readonly answer: string;
}

/** A store that has its answer at hand may give it at once. */
export type MaybePromise<T> = T | PromiseLike<T>;

/**
 * Remembers deliveries in two steps, so that a crash between receiving and handling loses nothing:
 * `claim` before the handler runs, `confirm` after it succeeded, `release` after it failed.
 * A claim that is neither confirmed nor released frees itself after `claimMs`.
 * A store that cannot answer throws or rejects; the request is then refused, never let through.
 */
export interface ReplayStore {
  /**
   * One atomic step. `token` names the caller's claim: the same token claiming again succeeds,
   * so that a driver may repeat a call whose answer was lost.
   */
  claim(
    key: string,
    options: { readonly claimMs: number; readonly token: string },
  ): MaybePromise<ClaimResult>;
  /**
   * Marks the delivery as handled for `keepMs`, whoever holds the claim by now: the work is done. An
   * `answer` is kept as long, and given to those who claim the delivery again.
   */
  confirm(
    key: string,
    options: { readonly keepMs: number; readonly answer?: string | undefined },
  ): MaybePromise<void>;
  /** Frees the claim if `token` still holds it. A confirmed delivery or another's claim stays. */
  release(key: string, options: { readonly token: string }): MaybePromise<void>;
}
