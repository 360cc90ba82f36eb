export interface RateLimitEvents {
  /** A call was refused: `RATE_LIMITED`. */
  limited: {
    /** Milliseconds after which a call would be let through. */
    readonly retryAfterMs: number;
    /** Calls that wait for a permit. */
    readonly waiting: number;
  };
}
