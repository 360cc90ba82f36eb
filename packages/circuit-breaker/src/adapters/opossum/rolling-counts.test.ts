import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { RollingCounts, type RollingCountsOptions } from './rolling-counts.js';

const setup = (options: Partial<RollingCountsOptions> = {}) => {
  const clock = new ManualClock();
  const counts = new RollingCounts({
    durationMs: 1000,
    slices: 10,
    keepsLatencies: true,
    rotatedByHand: false,
    clock,
    ...options,
  });
  return { clock, counts };
};

describe('the window', () => {
  it('forgets slice by slice, and all of it after a long time', () => {
    const { clock, counts } = setup();
    counts.add('fires');
    clock.advance(100);
    counts.add('fires');
    clock.advance(899);
    expect(counts.stats().fires).toBe(2);
    clock.advance(1);
    expect(counts.stats().fires).toBe(1);
    clock.advance(1e9);
    expect(counts.stats().fires).toBe(0);
    expect(counts.buckets()).toHaveLength(10);
  });

  it('holds what a list of times holds, whenever it is looked at', () => {
    const step = fc.record({ ms: fc.nat(400), fails: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { clock, counts } = setup();
        const times: number[] = [];
        for (const { ms, fails } of steps) {
          clock.advance(ms);
          counts.add('fires');
          counts.addEvidence(fails ? 'failures' : 'fires');
          times.push(Math.floor(clock.now() / 100));
          const oldest = Math.floor(clock.now() / 100) - 9;
          const inWindow = times.filter((slice) => slice >= oldest).length;
          const { fires, failures } = counts.evidence;
          expect(counts.stats().fires).toBe(inWindow);
          expect(fires + failures).toBe(inWindow);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('says when a slice ends, and does not end one twice for a timer that came early', () => {
    const { clock, counts } = setup();
    clock.advance(130);
    expect(counts.untilSliceEndsMs()).toBe(70);
    clock.advance(69.5);
    expect(counts.untilSliceEndsMs()).toBe(100.5);
  });

  it('rotates only by hand where it is asked to', () => {
    const { clock, counts } = setup({ rotatedByHand: true, slices: 2 });
    counts.add('fires');
    clock.advance(1e6);
    expect(counts.stats().fires).toBe(1);
    counts.rotate();
    expect(counts.buckets().map(({ fires }) => fires)).toEqual([0, 1]);
    counts.rotate();
    expect(counts.stats().fires).toBe(0);
  });

  it('says in each slice whether the circuit was open', () => {
    const { clock, counts } = setup({ slices: 3, durationMs: 300 });
    counts.setOpen(true);
    clock.advance(100);
    counts.add('fires');
    clock.advance(100);
    counts.setOpen(false);
    const states = counts.buckets().map((bucket) => bucket.isCircuitBreakerOpen);
    expect(states).toEqual([false, true, true]);
  });

  it('forgets what the rate is taken from and keeps the counts', () => {
    const { counts } = setup();
    counts.add('failures');
    counts.addEvidence('failures');
    counts.forgetEvidence();
    expect(counts.evidence).toEqual({ fires: 0, failures: 0 });
    expect(counts.stats().failures).toBe(1);
  });

  it('is given out as a copy', () => {
    const { counts } = setup();
    counts.addLatency(7);
    const [bucket] = counts.buckets();
    bucket?.latencyTimes.push(8);
    counts.stats().latencyTimes.push(9);
    expect(counts.stats().latencyTimes).toEqual([7]);
  });
});

describe('latencies', () => {
  it('are given in order, with their mean and by the nearest rank', () => {
    const { clock, counts } = setup();
    for (let ms = 100; ms > 0; ms -= 1) {
      counts.addLatency(ms);
      if (ms % 20 === 0) clock.advance(100);
    }
    const { latencyTimes, latencyMean, percentiles } = counts.stats();
    expect(latencyTimes.slice(0, 3)).toEqual([1, 2, 3]);
    expect(latencyMean).toBe(50.5);
    expect(percentiles).toEqual({
      0: 1,
      0.25: 25,
      0.5: 50,
      0.75: 75,
      0.9: 90,
      0.95: 95,
      0.99: 99,
      0.995: 100,
      1: 100,
    });
  });

  it('are the last thousand of a slice, with the mean of all', () => {
    const { counts } = setup();
    for (let ms = 1; ms <= 2500; ms += 1) counts.addLatency(ms);
    const { latencyTimes, latencyMean } = counts.stats();
    expect(latencyTimes).toHaveLength(1000);
    expect([latencyTimes[0], latencyTimes.at(-1)]).toEqual([1501, 2500]);
    expect(latencyMean).toBe(1250.5);
  });

  it('are not kept where nobody wants them', () => {
    const { counts } = setup({ keepsLatencies: false, stats: { latencyTimes: [1] } });
    counts.addLatency(5);
    const { latencyTimes, latencyMean, percentiles } = counts.stats();
    expect([latencyTimes, latencyMean]).toEqual([[], -1]);
    expect(new Set(Object.values(percentiles))).toEqual(new Set([-1]));
  });
});
