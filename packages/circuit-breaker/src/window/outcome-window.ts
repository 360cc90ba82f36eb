import type { TimeSource } from '../ports/time-source.js';

/** Weights are kept as whole hundredths, so that sums of them are exact. */
export const WHOLE = 100;

/** The heaviest call, in hundredths. */
export const HEAVIEST = 100 * WHOLE;

/** The sums of a window, weighted ones in hundredths. */
export interface WindowSums {
  calls: number;
  failures: number;
  slow: number;
  weight: number;
  failedWeight: number;
  slowWeight: number;
}

/**
 * The finished calls that rates are taken from. Its sums are fields, read after `record` or `refresh`:
 * an object for each reading would cost more than the reading.
 */
export abstract class OutcomeWindow implements WindowSums {
  calls = 0;
  failures = 0;
  slow = 0;
  weight = 0;
  failedWeight = 0;
  slowWeight = 0;
  /** What calls grow old by; undefined where time plays no part. */
  readonly time: TimeSource | undefined;

  constructor(time?: TimeSource) {
    this.time = time;
  }

  /** Adds one finished call. */
  abstract record(failed: boolean, slow: boolean, weight: number): void;

  /** Adds so many successes of whole weight that ended when the window was last looked at. */
  recordSuccesses(count: number): void {
    for (let left = count; left > 0; left -= 1) this.record(false, false, WHOLE);
  }

  /** Forgets what is too old by now. */
  refresh(): void {}

  /** Forgets all. */
  clear(): void {
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
    this.weight = 0;
    this.failedWeight = 0;
    this.slowWeight = 0;
  }

  /** Takes in calls known only by their sums, from another window or a snapshot, as if they ended now. */
  abstract takeIn(sums: WindowSums): void;

  protected add(failed: boolean, slow: boolean, weight: number, times = 1): void {
    this.calls += times;
    this.weight += times * weight;
    if (failed) {
      this.failures += times;
      this.failedWeight += times * weight;
    }
    if (slow) {
      this.slow += times;
      this.slowWeight += times * weight;
    }
  }
}
