import { describe, expect, it } from 'vitest';
import type { Clock } from '../ports/clock.js';
import { readClock } from './read-clock.js';

const clockGiving = (time: unknown) => ({ now: () => 1, wallTime: () => time }) as unknown as Clock;

describe('readClock', () => {
  it('gives the reading that is asked for', () => {
    expect(readClock(clockGiving(0), 'wallTime')).toBe(0);
    expect(readClock(clockGiving(0), 'now')).toBe(1);
  });

  it.each([undefined, null, '1', 1n, new Date(0), [1], Number.NaN, Number.POSITIVE_INFINITY])(
    'takes no %o for a time',
    (time) => {
      const error = new TypeError("the clock's wallTime() gave no number");
      expect(() => readClock(clockGiving(time), 'wallTime')).toThrow(error);
    },
  );
});
