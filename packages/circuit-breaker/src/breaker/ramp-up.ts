import type { Settings } from '../options.js';

/** A share of the calls is let through. It grows with time and halves with each failure. */
export interface RampUp {
  readonly kind: 'rampUp';
  /** The share at `since`. */
  base: number;
  since: number;
  /** Grows by the share with each call asked for; a whole one lets a call through. */
  credit: number;
}

type Rules = Exclude<Settings['rampUp'], false>;

/** The start of it. Its first call is let through. */
export const startRampUp = ({ initialShare: base }: Rules, now: number): RampUp => ({
  kind: 'rampUp',
  base,
  since: now,
  credit: 1 - base,
});

/** 1 and more is all calls. Without rules, which were taken away meanwhile, it is all. */
export const shareOf = (ramp: RampUp, rules: Rules | false, now: number): number =>
  rules === false ? 1 : ramp.base + (now - ramp.since) / rules.durationMs;

/** Makes `part` of the share there is now the one that grows from now on: half of it after a failure. */
export const rebaseShare = (
  ramp: RampUp,
  rules: Rules | false,
  now: number,
  part: number,
): void => {
  if (rules === false) return;
  ramp.base = Math.max(rules.initialShare, Math.min(1, shareOf(ramp, rules, now)) * part);
  ramp.since = now;
};

/** Whether this call is one of the share: every so-manyth is, so there is no chance in it. */
export const admitShare = (ramp: RampUp, rules: Rules | false, now: number): boolean => {
  ramp.credit += shareOf(ramp, rules, now);
  if (ramp.credit < 1) return false;
  ramp.credit -= 1;
  return true;
};
