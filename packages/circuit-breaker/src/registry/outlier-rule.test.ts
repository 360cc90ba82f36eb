import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTLIER_DEFAULTS, outliersAmong, readOutlier } from './outlier-rule.js';

const peersOf = (...rates: number[]) =>
  rates.map((failureRate, index) => ({ key: `k${index}`, failureRate }));
const found = (rates: number[], options = {}) =>
  outliersAmong(peersOf(...rates), { ...OUTLIER_DEFAULTS, ...options }).map(({ key }) => key);

describe('the outlier rule', () => {
  it('finds the peer that fails far more often than the others', () => {
    expect(found([0, 0, 0, 0, 1])).toEqual(['k4']);
    expect(found([0.1, 0.12, 0.6, 0.1, 0.09, 0.11])).toEqual(['k2']);
  });

  it('finds nobody where all fail alike, however often', () => {
    expect(found([1, 1, 1, 1, 1])).toEqual([]);
    expect(found([0, 0, 0, 0, 0])).toEqual([]);
    expect(found([0.5, 0.5, 0.5, 0.4, 0.5, 0.6])).toEqual([]);
  });

  it('finds nobody where a small difference is a large deviation', () => {
    const rates = [...Array.from({ length: 9 }, () => 0), 0.05];
    expect(found(rates)).toEqual([]);
    expect(found(rates, { minimumGap: 0.04 })).toEqual(['k9']);
  });

  it('finds nobody among too few', () => {
    expect(found([0, 0, 0, 1], { deviations: 1.5 })).toEqual([]);
    expect(found([0, 0, 0, 1], { minimumPeers: 4, deviations: 1.5 })).toEqual(['k3']);
  });

  it('finds nobody at the mean, however small the gap it is told', () => {
    expect(found([0.5, 0.5, 0.5, 0.5, 0.5], { minimumGap: 0 })).toEqual([]);
  });

  it('finds one that is just so far above', () => {
    const rates = [0, 0, 0, 0, 0.5];
    expect(found(rates, { deviations: 0.1, minimumGap: 0.4 })).toEqual(['k4']);
    expect(found(rates, { deviations: 0.1, minimumGap: 0.41 })).toEqual([]);
  });

  it('gives the worst first', () => {
    const rates = [...Array.from({ length: 18 }, () => 0), 0.8, 0.9];
    expect(found(rates)).toEqual(['k19', 'k18']);
  });

  it('never finds one that fails no more than the mean, nor leaves out one worse than one it finds', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(rate, { minLength: 5, maxLength: 30 }), (rates) => {
        const peers = peersOf(...rates);
        const outliers = outliersAmong(peers, { ...OUTLIER_DEFAULTS });
        const mean = rates.reduce((sum, one) => sum + one, 0) / rates.length;
        const least = outliers.at(-1)?.failureRate ?? Number.POSITIVE_INFINITY;
        expect(least).toBeGreaterThan(mean);
        expect(peers.filter(({ failureRate }) => failureRate > least).length).toBeLessThan(
          outliers.length + 1,
        );
      }),
    );
  });

  it.each([
    [{ deviations: 0 }, 'outlier.deviations'],
    [{ minimumGap: -0.1 }, 'outlier.minimumGap'],
    [{ minimumGap: 1.1 }, 'outlier.minimumGap'],
    [{ minimumPeers: 2 }, 'outlier.minimumPeers'],
    [{ minimumPeers: 3.5 }, 'outlier.minimumPeers'],
    [{ minimumCalls: 1.5 }, 'outlier.minimumCalls'],
    [{ minimumCalls: 0 }, 'outlier.minimumCalls'],
    [{ maxOpenShare: 0 }, 'outlier.maxOpenShare'],
    [{ intervalMs: 0 }, 'outlier.intervalMs'],
    [{ interval: 1 }, 'outlier.interval'],
    [true, 'outlier'],
  ])('refuses %o', (options, option) => {
    expect(() => readOutlier(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it.each([
    [{ minimumGap: 2 }, 'a number from 0 to 1'],
    [{ minimumPeers: 0 }, 'a whole number from 3 to 1000000 (keys)'],
    [{ minimumCalls: 0 }, 'a whole number from 1 to 1000000 (calls)'],
    [{ intervalMs: 0 }, 'a number from 1 to 2592000000 (ms)'],
  ])('says what is allowed instead of %o', (options, allowed) => {
    expect(() => readOutlier(options)).toThrow(expect.objectContaining({ allowed }));
  });

  it('is off unless asked for, and has its defaults', () => {
    expect([readOutlier(undefined), readOutlier(false)]).toEqual([false, false]);
    expect(readOutlier({})).toEqual(OUTLIER_DEFAULTS);
  });
});
