/** Where a window takes its time from. */
export interface TimeSource {
  read(): number;
  /**
   * There where time goes on in ticks: calls `tell` once, before the next one.
   * @returns false if it does not tick now
   */
  beforeTick?(tell: () => void): boolean;
}

/** Whether the time stands still until `tell` is called. */
export const standsStill = (time: TimeSource, tell: () => void): boolean =>
  time.beforeTick?.(tell) ?? false;
