import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { slackOf } from './slack-of.js';

describe('the slack of a clock', () => {
  it.each([0.5, 50, 1e9])('is what it says: %d', (slackMs) => {
    expect(slackOf(Object.assign(new ManualClock(), { slackMs }))).toBe(slackMs);
  });

  it.each([undefined, null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '50', {}, 5n])(
    'is none where it says %s',
    (slackMs) => {
      const clock = Object.assign(new ManualClock(), { slackMs: slackMs as never });
      expect(slackOf(clock)).toBe(0);
    },
  );
});
