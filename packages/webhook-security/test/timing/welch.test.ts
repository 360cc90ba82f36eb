import { expect, it } from 'vitest';
import { randomFrom } from '../support/random-from.js';
import { takeSamples } from './take-samples.js';
import { type Samples, welchT } from './welch.js';

const samplesOf = (first: readonly number[], second: readonly number[]): Samples => ({
  times: Float64Array.from([...first, ...second]),
  classes: Uint8Array.from([...first.map(() => 0), ...second.map(() => 1)]),
});

it("Welch's t is the difference of the means over their common standard error", () => {
  // Means 3 and 6, variances 2.5 and 10: -3 / sqrt(2.5 / 5 + 10 / 5).
  const samples = samplesOf([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]);
  expect(welchT(samples, 0)).toBeCloseTo(-3 / Math.sqrt(2.5), 12);
  // Of unlike numbers: means 2 and 11, variances 1 and 2.
  expect(welchT(samplesOf([1, 2, 3], [10, 12]), 0)).toBeCloseTo(-9 / Math.sqrt(1 / 3 + 1), 12);
});

it('the slowest samples are dropped by one limit for both classes', () => {
  const first = [1, 2, 3, 4, 5];
  const second = [2, 4, 6, 8, 10];
  const disturbed = samplesOf([...first, 1_000_000], [...second, 2_000_000]);
  expect(welchT(disturbed, 0.2)).toBeCloseTo(welchT(samplesOf(first, second), 0), 12);
});

it('both classes come in an order that only the seed decides', () => {
  const orderOf = (seed: number): readonly number[] => {
    const order: number[] = [];
    takeSamples(
      { prepare: (which) => order.push(which), call: () => {} },
      { samples: 1_000, warmUp: 0, next: randomFrom(seed), now: () => 0 },
    );
    return order;
  };
  const order = orderOf(1);
  expect(order).toEqual(orderOf(1));
  expect(order).not.toEqual(orderOf(2));
  const seconds = order.reduce((sum, which) => sum + which, 0);
  expect(seconds).toBeGreaterThan(400);
  expect(seconds).toBeLessThan(600);
});

it('a call is timed without what is prepared for it', () => {
  let now = 0;
  const subject = {
    prepare: (which: 0 | 1) => {
      now += which === 0 ? 100 : 1;
    },
    call: () => {
      now += 7;
    },
  };
  const options = { samples: 50, warmUp: 3, next: randomFrom(1), now: () => now };
  expect(new Set(takeSamples(subject, options).times)).toEqual(new Set([7]));
});
