import type { Clock } from '../ports/clock.js';

/**
 * One reading of a clock. No comparison with NaN holds, so a clock that gives no number would make
 * every time fresh and every stored delivery old.
 * @throws TypeError
 */
export function readClock(clock: Clock, reading: 'now' | 'wallTime'): number {
  const time = clock[reading]();
  if (Number.isFinite(time)) return time;
  throw new TypeError(`the clock's ${reading}() gave no number`);
}
