import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CircuitBreakerOptions } from '../options.js';
import { resolveOptions } from '../settings/resolve-options.js';
import { WHOLE } from '../window/outcome-window.js';
import { type Evidence, trippedRule } from './trip-rules.js';

const settingsOf = (options: Partial<CircuitBreakerOptions>) =>
  resolveOptions({ name: 'x', window: { kind: 'time' }, ...options }).settings;

/** Evidence of calls that each have the weight 1. */
const evidence = (
  window: { calls?: number; failures?: number; slow?: number },
  rest: Partial<Evidence> = {},
): Evidence => {
  const { calls = 0, failures = 0, slow = 0 } = window;
  const weights = {
    weight: calls * WHOLE,
    failedWeight: failures * WHOLE,
    slowWeight: slow * WHOLE,
  };
  return {
    window: { calls, failures, slow, ...weights },
    failuresInARow: 0,
    slowRunning: 0,
    ...rest,
  };
};

describe('the rule about failures', () => {
  it('waits for the minimum of calls', () => {
    const settings = settingsOf({ failureRate: 0.5, minimumCalls: 3 });
    expect(trippedRule(settings, evidence({ calls: 2, failures: 2 }))).toBeUndefined();
    expect(trippedRule(settings, evidence({ calls: 3, failures: 2 }))).toBe('failureRate');
  });

  it('never trips without a failure, however small the rate', () => {
    const settings = settingsOf({ failureRate: 1e-9, minimumCalls: 1 });
    expect(trippedRule(settings, evidence({ calls: 1_000_000 }))).toBeUndefined();
    expect(trippedRule(settings, evidence({ calls: 1_000_000, failures: 1 }))).toBe('failureRate');
  });

  it('never trips by calls that weigh nothing, as a snapshot may have them', () => {
    const settings = settingsOf({ minimumCalls: 1, slowCalls: { thresholdMs: 100, rate: 0.5 } });
    const { window } = evidence({ calls: 5 });
    const none = { ...evidence({}), window: { ...window, weight: 0 } };
    expect(trippedRule(settings, none)).toBeUndefined();
  });

  it('takes a rate for the millionths it is written in, whatever floating point makes of it', () => {
    for (const [failureRate, failures] of [
      [0.000498, 498], // × 1,000,000 is 497.99999999999994
      [0.000123, 123], // and this one 123.00000000000001
    ] as const) {
      const settings = settingsOf({ failureRate, minimumCalls: 1 });
      const calls = 1_000_000;
      expect(trippedRule(settings, evidence({ calls, failures }))).toBe('failureRate');
      expect(trippedRule(settings, evidence({ calls, failures: failures - 1 }))).toBeUndefined();
    }
  });

  it('trips at the rate itself and not a call below it, for any rate in whole percent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10_000 }),
        (percent, hundreds) => {
          const settings = settingsOf({ failureRate: percent / 100, minimumCalls: 1 });
          const [calls, failures] = [hundreds * 100, hundreds * percent];
          expect(trippedRule(settings, evidence({ calls, failures }))).toBe('failureRate');
          expect(
            trippedRule(settings, evidence({ calls, failures: failures - 1 })),
          ).toBeUndefined();
        },
      ),
    );
  });

  it('goes by weight, exactly: a hundredth below the rate is below it', () => {
    const settings = settingsOf({ failureRate: 0.3, minimumCalls: 2 });
    const weighted = (weight: number, failedWeight: number) =>
      trippedRule(settings, {
        ...evidence({ calls: 2, failures: 1 }),
        window: { ...evidence({ calls: 2, failures: 1 }).window, weight, failedWeight },
      });
    expect(weighted(1000, 300)).toBe('failureRate');
    expect(weighted(1000, 299)).toBeUndefined();
    expect(weighted(10_000_000_000, 3_000_000_000)).toBe('failureRate');
    expect(weighted(10_000_000_000, 2_999_999_999)).toBeUndefined();
  });

  it('goes by weight like whole numbers without end, for any sums and any rate in millionths', () => {
    const sums = fc
      .tuple(fc.integer({ min: 1, max: 9_000_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([weight, share]) => ({ weight, failedWeight: Math.round(weight * share) }));
    fc.assert(
      fc.property(sums, fc.integer({ min: 1, max: 1_000_000 }), (weights, millionths) => {
        const settings = settingsOf({ failureRate: millionths / 1_000_000, minimumCalls: 1 });
        const { window } = evidence({ calls: 1, failures: 1 });
        const { failedWeight, weight } = weights;
        const holds =
          failedWeight > 0 &&
          BigInt(failedWeight) * 1_000_000n >= BigInt(weight) * BigInt(millionths);
        const tripped = trippedRule(settings, {
          ...evidence({}),
          window: { ...window, ...weights },
        });
        expect(tripped === 'failureRate').toBe(holds);
      }),
    );
  });

  it('needs its minimum in calls, not in weight', () => {
    const settings = settingsOf({ failureRate: 0.5, minimumCalls: 3 });
    const { window } = evidence({ calls: 2, failures: 2 });
    const heavy = { ...window, weight: 20_000, failedWeight: 20_000 };
    expect(trippedRule(settings, { ...evidence({}), window: heavy })).toBeUndefined();
  });

  it('is off where it is false', () => {
    const settings = settingsOf({ failureRate: false, minimumCalls: 1 });
    expect(trippedRule(settings, evidence({ calls: 9, failures: 9 }))).toBeUndefined();
  });
});

describe('the rule about failures in a row', () => {
  it('needs no minimum of calls, and trips at its number', () => {
    const settings = settingsOf({ consecutiveFailures: 3, minimumCalls: 100 });
    const run = (failuresInARow: number) =>
      trippedRule(settings, evidence({ calls: 3, failures: 3 }, { failuresInARow }));
    expect(run(2)).toBeUndefined();
    expect(run(3)).toBe('consecutiveFailures');
  });

  it('is off by default, and five where only runs are looked at', () => {
    const five = { failuresInARow: 5 };
    expect(trippedRule(settingsOf({}), evidence({ calls: 5 }, five))).toBeUndefined();
    const settings = settingsOf({ window: { kind: 'consecutive' } });
    expect(trippedRule(settings, evidence({ calls: 1 }, five))).toBe('consecutiveFailures');
    expect(trippedRule(settings, evidence({ calls: 1 }, { failuresInARow: 4 }))).toBeUndefined();
  });
});

describe('the rule about slow calls', () => {
  const slowCalls = { thresholdMs: 100, rate: 0.8 };

  it('trips at its rate of the finished calls, from the minimum of calls on', () => {
    const settings = settingsOf({ slowCalls, minimumCalls: 5 });
    expect(trippedRule(settings, evidence({ calls: 5, slow: 4 }))).toBe('slowRate');
    expect(trippedRule(settings, evidence({ calls: 5, slow: 3 }))).toBeUndefined();
    expect(trippedRule(settings, evidence({ calls: 4, slow: 4 }))).toBeUndefined();
  });

  it('takes calls that still run for slow ones that ended, for the minimum and for the rate', () => {
    const settings = settingsOf({ slowCalls, minimumCalls: 5 });
    const one = evidence({ calls: 1 });
    expect(trippedRule(settings, { ...one, slowRunning: 4 })).toBe('slowRate');
    expect(trippedRule(settings, { ...one, slowRunning: 3 })).toBeUndefined();
    const two = evidence({ calls: 2 });
    expect(trippedRule(settings, { ...two, slowRunning: 4 })).toBeUndefined();
    expect(trippedRule(settings, { ...two, slowRunning: 8 })).toBe('slowRate');
    expect(trippedRule(settings, { ...evidence({}), slowRunning: 5 })).toBe('slowRate');
  });
});

describe('several rules', () => {
  it('open by whichever holds first: the run, then the failures, then the slow', () => {
    const all = settingsOf({
      failureRate: 0.5,
      minimumCalls: 4,
      consecutiveFailures: 4,
      slowCalls: { thresholdMs: 1, rate: 0.5 },
    });
    const bad = evidence({ calls: 4, failures: 4, slow: 4 }, { failuresInARow: 4 });
    expect(trippedRule(all, bad)).toBe('consecutiveFailures');
    expect(trippedRule(all, { ...bad, failuresInARow: 3 })).toBe('failureRate');
    expect(trippedRule(all, evidence({ calls: 4, failures: 1, slow: 4 }))).toBe('slowRate');
    expect(trippedRule(all, evidence({ calls: 4, failures: 1, slow: 1 }))).toBeUndefined();
  });
});
