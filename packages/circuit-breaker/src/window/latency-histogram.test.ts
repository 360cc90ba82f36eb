import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settableTime } from '../../test/support/window-sums.js';
import { LatencyHistogram } from './latency-histogram.js';

const setup = (durationMs = 1000) => {
  const time = settableTime(7);
  return { time, histogram: new LatencyHistogram(durationMs, time) };
};

const SHARES = [0.1, 0.5, 0.9, 0.95, 0.99, 1];

/** The duration that `share` of `durations` did not exceed. */
const exact = (durations: readonly number[], share: number): number => {
  const sorted = durations.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] as number;
};

describe('the histogram of durations', () => {
  it('is 2 % off at most, at every share, for any durations from 10 µs to an hour', () => {
    // As many short as long ones, as real calls are spread.
    const duration = fc
      .double({ min: Math.log(0.01), max: Math.log(3_600_000), noNaN: true })
      .map((log) => Math.min(3_600_000, Math.max(0.01, Math.exp(log))));
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (durations) => {
        const { histogram } = setup();
        for (const ms of durations) histogram.record(ms);
        expect(histogram.count).toBe(durations.length);
        histogram.percentiles(SHARES).forEach((found, index) => {
          const real = exact(durations, SHARES[index] as number);
          expect(Math.abs(found - real) / real).toBeLessThanOrEqual(0.0200001);
        });
      }),
    );
  });

  it('says the same of the same calls, whatever was timed beside them', () => {
    const { histogram } = setup();
    histogram.record(64);
    const before = histogram.percentiles([0.5]);
    setup().histogram.record(0.1);
    expect(histogram.percentiles([0.5])).toEqual(before);
  });

  it('takes a share above all of the calls for all of them', () => {
    const { histogram } = setup();
    for (const ms of [10, 20]) histogram.record(ms);
    expect(histogram.percentiles([1.5])).toEqual(histogram.percentiles([1]));
  });

  it('says 0 without calls', () => {
    expect(setup().histogram.percentiles(SHARES)).toEqual(SHARES.map(() => 0));
    expect(setup().histogram.count).toBe(0);
  });

  it.each([
    ['no time at all', 0, 0.01],
    ['less than nothing, by a clock that errs', -5, 0.01],
    ['no number', Number.NaN, 0.01],
    ['longer than an hour', 1e12, 3_599_999],
    ['for ever', Number.POSITIVE_INFINITY, 3_599_999],
  ])('takes a call of %s in at its nearest end', (_what, ms, near) => {
    const { histogram } = setup();
    histogram.record(ms);
    expect(histogram.count).toBe(1);
    const { histogram: nearest } = setup();
    nearest.record(near);
    expect(histogram.percentiles([1])).toEqual(nearest.percentiles([1]));
  });

  it('forgets what is older than its time, a fifth of it at a time', () => {
    const { time, histogram } = setup(1000);
    time.now = 199;
    histogram.record(10);
    time.now = 200;
    histogram.record(1000);
    time.now = 999;
    expect(histogram.count).toBe(2);
    time.now = 1000;
    expect(histogram.count).toBe(1);
    expect(histogram.percentiles([0])[0]).toBeGreaterThan(900);
    time.now = 1200;
    expect(histogram.count).toBe(0);
    expect(histogram.percentiles([0.5])).toEqual([0]);
  });

  it('forgets also when it is asked for shares alone', () => {
    const { time, histogram } = setup(1000);
    histogram.record(10);
    time.now += 5000;
    expect(histogram.percentiles([1])).toEqual([0]);
  });

  it.each([1000, 1001, 5000, 1e12])('forgets all over an idle spell of %d ms', (idle) => {
    const { time, histogram } = setup(1000);
    for (let slice = 0; slice < 5; slice += 1) {
      histogram.record(10);
      time.now += 200;
    }
    time.now += idle;
    expect(histogram.count).toBe(0);
    histogram.record(20);
    expect(histogram.count).toBe(1);
  });

  it('counts like a list of calls with their fifths, for any gaps', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 400 }),
      ms: fc.integer({ min: 1, max: 5000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { time, histogram } = setup(1000);
        const calls: { at: number; ms: number }[] = [];
        for (const { gapMs, ms } of steps) {
          time.now += gapMs;
          histogram.record(ms);
          calls.push({ at: time.now, ms });
          const fifthOf = (at: number) => Math.floor(at / 200);
          const kept = calls.filter(({ at }) => fifthOf(at) > fifthOf(time.now) - 5);
          expect(histogram.count).toBe(kept.length);
          const slowest = Math.max(...kept.map((call) => call.ms));
          expect((histogram.percentiles([1])[0] as number) / slowest).toBeCloseTo(1, 1);
        }
      }),
    );
  });
});
