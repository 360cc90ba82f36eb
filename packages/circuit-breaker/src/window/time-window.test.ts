import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyCall,
  NOTHING,
  type Recorded,
  recordIn,
  settableTime,
  sumsIn,
  sumsOf,
} from '../../test/support/window-sums.js';
import { WHOLE } from './outcome-window.js';
import { TimeWindow } from './time-window.js';

const setup = (durationMs: number, buckets: number) => {
  const time = settableTime();
  return { time, window: new TimeWindow(durationMs, buckets, time) };
};

const failure: Recorded = { failed: true, slow: false, weight: WHOLE };
const success: Recorded = { failed: false, slow: false, weight: WHOLE };

const anyStep = fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), call: anyCall });

describe('a time window', () => {
  it('forgets calls bucket by bucket', () => {
    const { time, window } = setup(1000, 10);
    recordIn(window, failure);
    time.now = 950;
    recordIn(window, success);
    expect(sumsIn(window)).toMatchObject({ calls: 2, failures: 1 });
    time.now = 1000;
    expect(sumsIn(window)).toMatchObject({ calls: 1, failures: 0 });
    time.now = 1900;
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('forgets all over an idle spell of any length', () => {
    for (const idle of [1000, 1001, 10_000, 1e12]) {
      const { time, window } = setup(1000, 10);
      time.now = 77;
      recordIn(window, failure);
      time.now += idle;
      expect(sumsIn(window)).toEqual(NOTHING);
      recordIn(window, success);
      expect(sumsIn(window)).toEqual(sumsOf([success]));
    }
  });

  it('counts like a list of calls with their buckets, for any widths, gaps and weights', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 2000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(anyStep),
        (durationMs, buckets, steps) => {
          const { time, window } = setup(durationMs, buckets);
          const bucketOf = (at: number) => Math.floor(at / (durationMs / buckets));
          const calls: (Recorded & { at: number })[] = [];
          for (const { gapMs, call } of steps) {
            time.now += gapMs;
            recordIn(window, call);
            calls.push({ at: time.now, ...call });
            const kept = calls.filter(({ at }) => bucketOf(at) > bucketOf(time.now) - buckets);
            expect(sumsIn(window)).toEqual(sumsOf(kept));
          }
        },
      ),
    );
  });

  it('counts many successes at once in the bucket of their end, beside what is in there', () => {
    const { time, window } = setup(1000, 10);
    time.now = 950;
    recordIn(window, failure);
    window.recordSuccesses(3);
    const all = sumsOf([failure, success, success, success]);
    expect(sumsIn(window)).toEqual(all);
    time.now = 1899;
    expect(sumsIn(window)).toEqual(all);
    time.now = 1900;
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('forgets all when cleared, and counts on at the time it is then', () => {
    const { time, window } = setup(1000, 10);
    recordIn(window, failure);
    time.now = 5050;
    window.clear();
    recordIn(window, success);
    time.now = 5999;
    expect(sumsIn(window)).toEqual(sumsOf([success]));
    time.now = 6000;
    expect(sumsIn(window)).toEqual(NOTHING);
  });
});

describe('taking over another time window', () => {
  it('of the same shape changes nothing, now or later', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 20 }),
        fc.array(anyStep, { maxLength: 5 }),
        (before, after) => {
          const { time, window: older } = setup(1000, 10);
          const record = (window: TimeWindow, steps: typeof before) => {
            for (const { gapMs, call } of steps) {
              time.now += gapMs;
              recordIn(window, call);
            }
          };
          record(older, before);
          const window = new TimeWindow(1000, 10, time);
          window.takeOver(older);
          expect(sumsIn(window)).toEqual(sumsIn(older));
          const resume = time.now;
          record(older, after);
          time.now = resume;
          record(window, after);
          expect(sumsIn(window)).toEqual(sumsIn(older));
          for (let step = 0; step < 11; step += 1) {
            time.now += 100;
            expect(sumsIn(window)).toEqual(sumsIn(older));
          }
        },
      ),
    );
  });

  it('of any shape keeps each call by the middle of its bucket, as long as that is young enough', () => {
    const shape = fc.record({
      durationMs: fc.integer({ min: 10, max: 2000 }),
      buckets: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(shape, shape, fc.array(anyStep, { maxLength: 30 }), (from, to, steps) => {
        const { time, window: older } = setup(from.durationMs, from.buckets);
        const widths = { from: from.durationMs / from.buckets, to: to.durationMs / to.buckets };
        const calls: (Recorded & { bucket: number })[] = [];
        for (const { gapMs, call } of steps) {
          time.now += gapMs;
          recordIn(older, call);
          calls.push({ ...call, bucket: Math.floor(time.now / widths.from) });
        }
        const window = new TimeWindow(to.durationMs, to.buckets, time);
        window.takeOver(older);
        const newest = {
          from: Math.floor(time.now / widths.from),
          to: Math.floor(time.now / widths.to),
        };
        const kept = calls.filter(
          ({ bucket }) =>
            bucket > newest.from - from.buckets &&
            Math.floor(((bucket + 0.5) * widths.from) / widths.to) > newest.to - to.buckets,
        );
        expect(sumsIn(window)).toEqual(sumsOf(kept));
      }),
    );
  });

  it('keeps in a longer one all that is known, each call in its own time', () => {
    const { time, window: older } = setup(1000, 10);
    recordIn(older, failure);
    time.now = 900;
    recordIn(older, success);
    const window = new TimeWindow(10_000, 10, time);
    window.takeOver(older);
    expect(sumsIn(window)).toEqual(sumsOf([failure, success]));
    time.now = 9999;
    expect(sumsIn(window)).toEqual(sumsOf([failure, success]));
    time.now = 10_000;
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('keeps in a longer one nothing that the shorter one had only not yet forgotten', () => {
    const { time, window: older } = setup(1000, 10);
    recordIn(older, failure);
    time.now = 2000;
    const window = new TimeWindow(10_000, 10, time);
    window.takeOver(older);
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('keeps in a shorter one what is young enough', () => {
    const { time, window: older } = setup(1000, 10);
    recordIn(older, failure);
    time.now = 950;
    recordIn(older, success);
    const window = new TimeWindow(100, 10, time);
    window.takeOver(older);
    expect(sumsIn(window)).toEqual(sumsOf([success]));
  });

  it('loses no call of the very first bucket to times before the start', () => {
    const { window: older, time } = setup(1000, 10);
    recordIn(older, failure);
    const window = new TimeWindow(500, 3, time);
    window.takeOver(older);
    expect(sumsIn(window)).toEqual(sumsOf([failure]));
  });
});

describe('taking in calls known by their sums', () => {
  const sums = sumsOf([failure, success, { failed: true, slow: true, weight: 250 }]);

  it('takes them for calls of now', () => {
    const { time, window } = setup(1000, 10);
    recordIn(window, success);
    time.now = 950;
    window.takeIn(sums);
    expect(sumsIn(window)).toEqual(
      sumsOf([success, failure, success, { failed: true, slow: true, weight: 250 }]),
    );
    time.now = 1000;
    expect(sumsIn(window)).toEqual(sums);
    time.now = 1900;
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('takes less than half a call for none, which weighs nothing', () => {
    const { window } = setup(1000, 10);
    window.takeIn({ ...sums, calls: 0.4, failures: 0.4, slow: 0 });
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('keeps whole calls of the parts that fading leaves, so that nothing is left over later', () => {
    const { time, window } = setup(1000, 10);
    window.takeIn({
      calls: 2.7,
      failures: 1.3,
      slow: 0.1,
      weight: 270.4,
      failedWeight: 130.1,
      slowWeight: 10.3,
    });
    recordIn(window, failure);
    expect(sumsIn(window)).toEqual({
      calls: 4,
      failures: 2,
      slow: 0,
      weight: 370,
      failedWeight: 230,
      slowWeight: 10,
    });
    time.now = 5000;
    expect(sumsIn(window)).toEqual(NOTHING);
  });
});
