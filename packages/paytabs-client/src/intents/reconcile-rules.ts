/** How long to wait before absence counts, and how often to ask meanwhile. All in milliseconds but `minimumChecks`. */
export interface ReconcileRules {
  /** After `sendBefore` has passed: how long a request may still be under way, or done and not yet visible. */
  readonly notFoundAfterMs: number;
  /** Answers without it, in a row and after that wait has begun, before an intent ends as not found. */
  readonly minimumChecks: number;
  /** What the clocks of this machine, of others and of the gateway may differ by. */
  readonly maxClockSkewMs: number;
  /** The first wait between two questions, doubled each time; and from an end that was told in vain to its being told again. */
  readonly firstCheckMs: number;
  /** The longest wait between two questions about a request whose end is unknown. */
  readonly maxCheckMs: number;
  /** Between two questions about a page that is open; more, up to `pendingCheckMs`, where it is open for long. */
  readonly pageCheckMs: number;
  /** After a page has died for newcomers: how long a payment that was begun on it may take to show. */
  readonly pageGraceMs: number;
  /** Between two questions about a transaction that is pending or on hold. */
  readonly pendingCheckMs: number;
  /** How long a transaction may be pending or on hold before a person is asked. */
  readonly pendingForMs: number;
  /** From an end to its being told by reconciling, if nobody has acknowledged it. */
  readonly tellAfterMs: number;
}
