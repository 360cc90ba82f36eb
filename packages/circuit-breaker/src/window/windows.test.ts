import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountWindow } from './count-window.js';
import { TimeWindow } from './time-window.js';

describe('a count window', () => {
  it('counts the last calls like a list that is cut to size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.boolean()), (size, outcomes) => {
        const window = new CountWindow(size);
        outcomes.forEach((failed, index) => {
          window.record(failed);
          const last = outcomes.slice(0, index + 1).slice(-size);
          expect(window.count()).toEqual({
            calls: last.length,
            failures: last.filter(Boolean).length,
          });
        });
      }),
    );
  });

  it('forgets all when cleared', () => {
    const window = new CountWindow(2);
    window.record(true);
    window.record(true);
    window.clear();
    expect(window.count()).toEqual({ calls: 0, failures: 0 });
    window.record(false);
    expect(window.count()).toEqual({ calls: 1, failures: 0 });
  });
});

describe('a time window', () => {
  const setup = (durationMs: number, buckets: number) => {
    const time = { now: 0, read: () => time.now };
    return { time, window: new TimeWindow(durationMs, buckets, time) };
  };

  it('forgets calls bucket by bucket', () => {
    const { time, window } = setup(1000, 10);
    window.record(true);
    time.now = 950;
    window.record(false);
    expect(window.count()).toEqual({ calls: 2, failures: 1 });
    time.now = 1000;
    expect(window.count()).toEqual({ calls: 1, failures: 0 });
    time.now = 1900;
    expect(window.count()).toEqual({ calls: 0, failures: 0 });
  });

  it('forgets all over an idle spell of any length', () => {
    for (const idle of [1000, 1001, 10_000, 1e12]) {
      const { time, window } = setup(1000, 10);
      time.now = 77;
      window.record(true);
      time.now += idle;
      expect(window.count()).toEqual({ calls: 0, failures: 0 });
      window.record(false);
      expect(window.count()).toEqual({ calls: 1, failures: 0 });
    }
  });

  it('counts like a list of calls with their buckets, for any widths and gaps', () => {
    const step = fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), failed: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 2000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(step),
        (durationMs, buckets, steps) => {
          const { time, window } = setup(durationMs, buckets);
          const bucketOf = (at: number) => Math.floor(at / (durationMs / buckets));
          const calls: { at: number; failed: boolean }[] = [];
          for (const { gapMs, failed } of steps) {
            time.now += gapMs;
            window.record(failed);
            calls.push({ at: time.now, failed });
            const kept = calls.filter(({ at }) => bucketOf(at) > bucketOf(time.now) - buckets);
            expect(window.count()).toEqual({
              calls: kept.length,
              failures: kept.filter((call) => call.failed).length,
            });
          }
        },
      ),
    );
  });
});
