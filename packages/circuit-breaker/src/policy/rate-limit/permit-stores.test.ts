import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PermitStore } from './permit-store.js';
import { SlidingWindow } from './sliding-window.js';
import { TokenBucket } from './token-bucket.js';

const limits = fc.record({
  limit: fc.integer({ min: 1, max: 40 }),
  intervalMs: fc.integer({ min: 1, max: 1000 }),
  burst: fc.integer({ min: 1, max: 40 }),
  /** Times between askings; odd ones too, for a clock has no whole milliseconds. */
  steps: fc.array(
    fc.oneof(fc.constant(0), fc.nat(60), fc.double({ min: 0, max: 60, noNaN: true })),
    {
      minLength: 20,
      maxLength: 150,
    },
  ),
});

/** When permits were taken, by one who asks again and again. */
const takeAll = (store: PermitStore, steps: readonly number[], from: number): number[] => {
  const taken: number[] = [];
  let now = from;
  for (const step of steps) {
    now += step;
    if (store.take(now) === 0) taken.push(now);
  }
  return taken;
};

/** The most permits taken in any stretch of `ms`, its end not included, counted one by one. */
const mostIn = (taken: readonly number[], ms: number): number =>
  Math.max(0, ...taken.map((from) => taken.filter((at) => at >= from && at < from + ms).length));

/** What sums of times are not exact to. */
const INEXACT_MS = 0.0002;

const makers: [
  name: string,
  make: (options: { limit: number; intervalMs: number; burst: number }) => PermitStore,
][] = [
  ['token bucket', (options) => new TokenBucket(options)],
  ['sliding window', (options) => new SlidingWindow(options)],
];

describe('a sliding window', () => {
  it('gives out no more than its limit in any stretch of its interval', () => {
    fc.assert(
      fc.property(limits, fc.nat(1e9), ({ limit, intervalMs, steps }, from) => {
        const taken = takeAll(new SlidingWindow({ limit, intervalMs }), steps, from);
        expect(mostIn(taken, intervalMs - INEXACT_MS)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('gives out a permit whenever the naive list of those taken allows one', () => {
    fc.assert(
      fc.property(limits, ({ limit, intervalMs, steps }) => {
        const store = new SlidingWindow({ limit, intervalMs });
        let now = 0;
        const taken: number[] = [];
        for (const step of steps) {
          now += Math.round(step);
          const recent = taken.filter((at) => at + intervalMs > now);
          expect(store.available(now)).toBe(limit - recent.length);
          const isTaken = store.take(now) === 0;
          expect(isTaken).toBe(recent.length < limit);
          if (isTaken) taken.push(now);
        }
      }),
    );
  });
});

describe('a token bucket', () => {
  it('gives out no more than its burst, and what comes meanwhile, in any stretch of time', () => {
    fc.assert(
      fc.property(limits, fc.nat(1e9), ({ steps, ...options }, from) => {
        const taken = takeAll(new TokenBucket(options), steps, from);
        const stepMs = options.intervalMs / options.limit;
        // By how much the calls of any stretch are more than it allows.
        const excess = taken.flatMap((began, place) =>
          taken
            .slice(place)
            .map(
              (ended, count) => count + 1 - options.burst - (ended - began + INEXACT_MS) / stepMs,
            ),
        );
        expect(Math.max(0, ...excess)).toBe(0);
      }),
    );
  });

  it('gives out a permit whenever a bucket that is filled drop by drop holds one', () => {
    fc.assert(
      fc.property(limits, ({ limit, burst, steps }) => {
        // A permit comes each ten milliseconds, so that the naive bucket is exact.
        const store = new TokenBucket({ limit, intervalMs: limit * 10, burst });
        let now = 0;
        let drops = burst * 10;
        for (const step of steps) {
          const ms = Math.round(step);
          now += ms;
          drops = Math.min(burst * 10, drops + ms);
          expect(store.available(now)).toBe(Math.floor(drops / 10));
          const isTaken = store.take(now) === 0;
          expect(isTaken).toBe(drops >= 10);
          if (isTaken) drops -= 10;
        }
      }),
    );
  });
});

describe.each(makers)('a %s', (_name, make) => {
  it('says exactly when the nth permit from now will be there', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 90 }), ({ steps, ...options }, n) => {
        const store = make(options);
        const taken = takeAll(store, steps.slice(0, 20), 0);
        const now = taken.at(-1) ?? 0;
        const expected = store.waitFor(now, n);
        let then = now;
        for (let permit = 1; permit < n; permit += 1) {
          then += store.waitFor(then, 1);
          store.take(then);
        }
        then += store.waitFor(then, 1);
        expect(then - now).toBeCloseTo(expected, 2);
        expect(store.take(then)).toBe(0);
      }),
    );
  });

  it('says again how long it takes when asked too early, and never less than nothing', () => {
    const store = make({ limit: 1, intervalMs: 100, burst: 1 });
    const waits = [0, 40, 99, 100, 150, 900].map((now) => store.take(now));
    expect(waits).toEqual([0, 60, 1, 0, 50, 0]);
    expect(store.waitFor(5000, 1)).toBe(0);
  });

  it('says the same of what is there, however it is asked', () => {
    fc.assert(
      fc.property(limits, ({ steps, ...options }) => {
        const store = make(options);
        let now = 0;
        for (const step of steps.slice(0, 40)) {
          now += store.take(now) + (step > 30 ? step : 0);
          const there = store.available(now);
          const isThere = there === 0 || store.waitFor(now, there) === 0;
          const isMoreThere = store.waitFor(now, there + 1) === 0;
          expect([there >= 0, isThere, isMoreThere]).toEqual([true, true, false]);
        }
      }),
    );
  });

  it('comes to no standstill however late it is', () => {
    const store = make({ limit: 3, intervalMs: 1000, burst: 1 });
    let now = 30 * 24 * 3600 * 1000 * 300;
    for (let permit = 0; permit < 50; permit += 1) {
      now += store.waitFor(now, 1);
      expect(store.take(now)).toBe(0);
    }
  });
});
