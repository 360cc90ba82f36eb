/** Where a window takes its time from. */
export interface TimeSource {
  read(): number;
  /** There where time goes on in ticks: whether the next one is to come. */
  readonly ticks?: boolean;
  /**
   * There where time goes on in ticks: calls `tell` once, before the next one.
   * @returns false if it does not tick now
   */
  beforeTick?(tell: () => void): boolean;
}
