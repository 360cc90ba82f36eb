import fc from 'fast-check';
import type { OutcomeWindow, WindowSums } from '../../src/window/outcome-window.js';

/** One finished call as a window is told of it; the weight in hundredths. */
export interface Recorded {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly weight: number;
}

export const anyCall: fc.Arbitrary<Recorded> = fc.record({
  failed: fc.boolean(),
  slow: fc.boolean(),
  weight: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 10_000 })),
});

/** The sums of `calls`, counted plainly. */
export const sumsOf = (calls: readonly Recorded[]): WindowSums => {
  const sum = (picked: readonly Recorded[]) =>
    picked.reduce((total, { weight }) => total + weight, 0);
  const failed = calls.filter((call) => call.failed);
  const slow = calls.filter((call) => call.slow);
  return {
    calls: calls.length,
    failures: failed.length,
    slow: slow.length,
    weight: sum(calls),
    failedWeight: sum(failed),
    slowWeight: sum(slow),
  };
};

export const NOTHING = sumsOf([]);

/** What `window` holds now. */
export const sumsIn = (window: OutcomeWindow): WindowSums => {
  window.refresh();
  const { calls, failures, slow, weight, failedWeight, slowWeight } = window;
  return { calls, failures, slow, weight, failedWeight, slowWeight };
};

export const recordIn = (window: OutcomeWindow, { failed, slow, weight }: Recorded): void =>
  window.record(failed, slow, weight);

/** A time that a test sets. */
export const settableTime = (now = 0) => {
  const time = { now, read: () => time.now };
  return time;
};
