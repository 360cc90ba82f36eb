import { describe, expect, it } from 'vitest';
import { type BackoffOptions, backoffOf } from './backoff.js';

describe('the backoff of an inbox', () => {
  const waits = (options: BackoffOptions, count = 4) =>
    Array.from({ length: count }, (_, index) => backoffOf(options)(index + 1));

  it('grows by the factor, up to the longest wait', () => {
    const options = { firstDelayMs: 100, factor: 2, maxDelayMs: 500, jitter: 'none' } as const;
    expect(waits(options, 5)).toEqual([100, 200, 400, 500, 500]);
    expect(backoffOf(options)(10_000)).toBe(500);
  });

  it.each([
    ['full', 0, [0, 0, 0]],
    ['full', 0.5, [50, 100, 200]],
    ['equal', 0, [50, 100, 200]],
    ['equal', 0.5, [75, 150, 300]],
    ['none', 0, [100, 200, 400]],
  ] as const)('spreads waits by %s jitter at a chance of %s', (jitter, chance, wanted) => {
    const options = { firstDelayMs: 100, factor: 2, jitter, random: () => chance };
    expect(waits(options, 3)).toEqual(wanted);
  });

  it.each([Number.NaN, -1, 2, 'often'])('waits the whole wait for a chance of %s', (chance) => {
    const options = { firstDelayMs: 100, factor: 2, random: () => chance as number };
    expect(waits(options, 2)).toEqual([100, 200]);
  });

  it('has a longest wait that fits a long first one', () => {
    expect(backoffOf({ firstDelayMs: 7_200_000, jitter: 'none' })(3)).toBe(7_200_000);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ firstDelayMs: 0 }, /^backoff\.firstDelayMs is 0; allowed: a whole number from 1 to/],
    [{ firstDelayMs: 10, maxDelayMs: 9 }, /^backoff\.maxDelayMs is 9; allowed: .* from 10 to/],
    [{ factor: 0.5 }, /^backoff\.factor is 0\.5; allowed: a number from 1 to 10/],
    [{ factor: Number.NaN }, /^backoff\.factor is NaN/],
    [{ jitter: 'half' }, /^backoff\.jitter is 'half'; allowed: full, equal, none/],
    [{ jitter: 'toString' }, /^backoff\.jitter is 'toString'/],
    [{ random: 0.5 }, /^backoff\.random is 0\.5; allowed: a function/],
    [{ delayMs: 5 }, /^backoff\.delayMs is unknown; allowed: firstDelayMs/],
  ])('refuses %j', (wrong, message) => {
    expect(() => backoffOf(wrong)).toThrow(message);
  });
});
