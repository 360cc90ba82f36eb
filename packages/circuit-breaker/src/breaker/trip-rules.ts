import type { Settings } from '../options.js';
import { WHOLE, type WindowSums } from '../window/outcome-window.js';

/** The rules that open a closed breaker by themselves. */
export type TripReason = 'failureRate' | 'slowRate' | 'consecutiveFailures';

/** Rates are compared as whole millionths: 0.07 × 100 is not 7 in floating point. */
const MILLION = 1_000_000;

const reaches = (part: number, whole: number, rate: number): boolean =>
  part > 0 && part * MILLION >= Math.max(1, Math.round(rate * MILLION)) * whole;

/** What the rules look at. */
export interface Evidence {
  readonly window: WindowSums;
  /** Failures in a row, up to now. */
  readonly failuresInARow: number;
  /** Calls that are still running and slow already. */
  readonly slowRunning: number;
}

/** The first rule that holds, if one does. */
export const trippedRule = (
  settings: Settings,
  { window, failuresInARow, slowRunning }: Evidence,
): TripReason | undefined => {
  const { failureRate, minimumCalls, consecutiveFailures, slowCalls } = settings;
  if (consecutiveFailures !== false && failuresInARow >= consecutiveFailures) {
    return 'consecutiveFailures';
  }
  if (failureRate !== false && window.calls >= minimumCalls) {
    if (reaches(window.failedWeight, window.weight, failureRate)) return 'failureRate';
  }
  if (slowCalls !== false && window.calls + slowRunning >= minimumCalls) {
    // A slow call that is still running is taken for one of weight 1.
    const running = slowRunning * WHOLE;
    if (reaches(window.slowWeight + running, window.weight + running, slowCalls.rate)) {
      return 'slowRate';
    }
  }
  return undefined;
};
