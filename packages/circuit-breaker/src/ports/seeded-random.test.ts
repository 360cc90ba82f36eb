import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.js';

const SEED = fc.integer({ min: 0, max: 0xffff_ffff });
const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('seeded randomness', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(SEED, SEED, (one, other) => {
        expect(take(one, 5)).toEqual(take(one, 5));
        fc.pre(one !== other);
        expect(take(one, 5)).not.toEqual(take(other, 5));
      }),
    );
  });

  it('is the same in every version, so that what a seed has met can be repeated', () => {
    expect(take(7, 3).map((share) => Math.floor(share * 1e6))).toEqual([249_415, 283_633, 60_545]);
    expect(take(0xffff_ffff, 1)).toHaveLength(1);
    expect(take(0, 1)).toHaveLength(1);
  });

  it('gives numbers from 0 to below 1, evenly spread, whatever the seed', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const numbers = take(seed, 2000);
        const tenths = Array.from(
          { length: 10 },
          (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length,
        );
        expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
        // 200 each, give or take six standard deviations.
        expect(Math.min(...tenths)).toBeGreaterThan(120);
        expect(Math.max(...tenths)).toBeLessThan(280);
      }),
      { numRuns: 30 },
    );
  });

  it('does not repeat soon', () => {
    expect(new Set(take(7, 10_000)).size).toBeGreaterThan(9_990);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN, '7', undefined])('refuses the seed %o', (seed) => {
    expect(() => seededRandom(seed as number)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'seed',
        allowed: 'a whole number from 0 to 4294967295',
      }),
    );
  });
});
