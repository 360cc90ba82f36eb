import type { Clock } from './clock.js';

const never = (): undefined => undefined;

/** What tells what the timers of `clock` are made of now. A function of its own, which is cheaper to call than a method. */
export const timerSourceOf = (clock: Clock): (() => unknown) => {
  if (clock.timerSource === undefined) return never;
  return () => clock.timerSource?.();
};
