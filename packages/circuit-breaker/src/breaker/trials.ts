import type { Settings } from '../options.js';
import type { Outcome } from './outcome.js';

/** A few trial calls decide. Times are those of `ElapsedTime`. */
export interface HalfOpen {
  readonly kind: 'halfOpen';
  running: number;
  succeeded: number;
  failed: number;
  /** Since when trials have been running without a pause; means nothing while none runs. */
  busySince: number;
}

type Rules = Settings['halfOpen'];

/** Half-open, before the first trial. */
export const noTrials = (): HalfOpen => ({
  kind: 'halfOpen',
  running: 0,
  succeeded: 0,
  failed: 0,
  busySince: 0,
});

/** Whether one more trial may run now. */
export const hasPlace = (trials: HalfOpen, rules: Rules): boolean =>
  trials.running < rules.maxConcurrent &&
  trials.running + trials.succeeded + trials.failed < rules.trials;

/** Takes a place, which there must be. */
export const beginTrial = (trials: HalfOpen, now: number): void => {
  if (trials.running === 0) trials.busySince = now;
  trials.running += 1;
};

/**
 * Gives a place back. An ignored trial leaves room for another. One that was slow has failed where slow
 * calls are a reason to open: else a side that is only slow would be let in again and again.
 */
export const endTrial = (trials: HalfOpen, outcome: Outcome, isSlow: boolean): void => {
  trials.running -= 1;
  if (outcome === 'failure' || (outcome === 'success' && isSlow)) trials.failed += 1;
  else if (outcome === 'success') trials.succeeded += 1;
};

/** What the trials say so far. */
export const verdictOf = (trials: HalfOpen, rules: Rules): 'succeeded' | 'failed' | undefined => {
  // A share such as 0.6 of 5 is a little more than 3 in floating point.
  const needed = Math.max(1, Math.ceil(rules.trials * rules.successRate - 1e-9));
  if (trials.failed > rules.trials - needed) return 'failed';
  return trials.succeeded >= needed ? 'succeeded' : undefined;
};

/** When the running trials must have led to a verdict. Means nothing while none runs. */
export const trialDeadline = (trials: HalfOpen, rules: Rules): number =>
  trials.busySince + rules.maxDurationMs;
