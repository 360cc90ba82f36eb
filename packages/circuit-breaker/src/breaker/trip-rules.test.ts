import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TripRule } from './trip-rule.js';

describe('the trip rule', () => {
  it('waits for the minimum of calls', () => {
    const rule = new TripRule({ failureRate: 0.5, minimumCalls: 3 });
    expect(rule.trips({ calls: 2, failures: 2 })).toBe(false);
    expect(rule.trips({ calls: 3, failures: 2 })).toBe(true);
  });

  it('never trips without a failure, however small the rate', () => {
    const rule = new TripRule({ failureRate: 1e-9, minimumCalls: 1 });
    expect(rule.trips({ calls: 1_000_000, failures: 0 })).toBe(false);
  });

  it('takes a rate for the millionths it is written in, whatever floating point makes of it', () => {
    for (const [failureRate, failures] of [
      [0.000498, 498], // × 1,000,000 is 497.99999999999994
      [0.000123, 123], // and this one 123.00000000000001
    ] as const) {
      const rule = new TripRule({ failureRate, minimumCalls: 1 });
      expect(rule.trips({ calls: 1_000_000, failures })).toBe(true);
      expect(rule.trips({ calls: 1_000_000, failures: failures - 1 })).toBe(false);
    }
  });

  it('trips at the rate itself and not a call below it, for any rate in whole percent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10_000 }),
        (percent, hundreds) => {
          const rule = new TripRule({ failureRate: percent / 100, minimumCalls: 1 });
          const [calls, failures] = [hundreds * 100, hundreds * percent];
          expect(rule.trips({ calls, failures })).toBe(true);
          expect(rule.trips({ calls, failures: failures - 1 })).toBe(false);
        },
      ),
    );
  });
});
