/** Every default of a class, with the reason for its value. */
export const CLASS_DEFAULTS = {
  /** Raised by the author when the meaning of the rows changes; old values are then never met again. */
  version: 1,
  /** Right within a second of any change, and a hit asks nobody. */
  mode: 'bounded',
  /** Milliseconds. Invalidation keeps rows right; this only bounds what an invalidation that never came can do. */
  ttlMs: 60_000,
  /** Share of the time to live that is taken off at random. Spreads the end of entries written together. */
  ttlJitter: 0.1,
  /** Milliseconds a member may work. An answer that takes longer is of no use to a request that waits. */
  maxTimeMs: 5_000,
  /** Milliseconds. Long enough that a crowd of callers costs a failing source one question, too short to be noticed after it. */
  negativeMs: 1_000,
  /** Off: rows past their time are answered only where the author said that they may be. */
  staleWhileRevalidateMs: 0,
  /** Off, for the same reason. */
  staleIfErrorMs: 0,
  /** The published optimum of early refresh (XFetch); more refreshes earlier. */
  earlyRefresh: 1,
  /** Off: where the slowest answers are the dearest questions, a hedge would ask just those twice. Only the author knows. */
  hedgeDelayMs: 'off',
  /** Sealing costs each write and read of the remote store, and most results name nobody. */
  personal: false,
  /** Only where it makes a value clearly smaller. */
  compress: 'auto',
  /** Off: an audit is a read of the source, whose price the author must want to pay. */
  auditRate: 0,
  tenant: 'optional',
  /** A late answer from the primary is better than none. */
  primary: 'last',
} as const;
