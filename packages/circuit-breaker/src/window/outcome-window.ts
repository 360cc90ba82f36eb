/** The finished calls a failure rate is taken from. */
export interface OutcomeWindow {
  /** Adds one finished call. */
  record(failed: boolean): void;
  /** Finished calls and failures among them, now. */
  count(): WindowCount;
  /** Forgets all. */
  clear(): void;
}

export interface WindowCount {
  readonly calls: number;
  readonly failures: number;
}
