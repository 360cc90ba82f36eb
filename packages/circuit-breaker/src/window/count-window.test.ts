import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCall, NOTHING, recordIn, sumsIn, sumsOf } from '../../test/support/window-sums.js';
import { CountWindow } from './count-window.js';
import { HEAVIEST, WHOLE } from './outcome-window.js';

describe('a count window', () => {
  it('counts the last calls like a list that is cut to size, with their weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(anyCall), (size, calls) => {
        const window = new CountWindow(size);
        calls.forEach((call, index) => {
          recordIn(window, call);
          const last = calls.slice(0, index + 1).slice(-size);
          expect(sumsIn(window)).toEqual(sumsOf(last));
        });
      }),
    );
  });

  it('forgets all when cleared', () => {
    const window = new CountWindow(2);
    window.record(true, true, WHOLE);
    window.record(true, false, WHOLE);
    window.clear();
    expect(sumsIn(window)).toEqual(NOTHING);
    window.record(false, false, WHOLE);
    window.record(false, false, WHOLE);
    expect(sumsIn(window)).toEqual({ ...NOTHING, calls: 2, weight: 200 });
  });

  it('keeps the lightest and the heaviest weight apart from the marks beside them', () => {
    const window = new CountWindow(2);
    window.record(true, true, HEAVIEST);
    window.record(true, true, 1);
    expect(sumsIn(window)).toEqual(
      sumsOf([
        { failed: true, slow: true, weight: HEAVIEST },
        { failed: true, slow: true, weight: 1 },
      ]),
    );
    window.record(false, false, HEAVIEST);
    window.record(false, false, 1);
    expect(sumsIn(window)).toMatchObject({ calls: 2, failures: 0, failedWeight: 0, slowWeight: 0 });
  });

  it('has exact sums after millions of weights that came and went', () => {
    const window = new CountWindow(3);
    for (let call = 0; call < 100_000; call += 1) window.record(call % 3 === 0, false, 33);
    expect(sumsIn(window)).toEqual({
      ...NOTHING,
      calls: 3,
      failures: 1,
      weight: 99,
      failedWeight: 33,
    });
  });
});

describe('taking over another count window', () => {
  it('keeps the newest calls, as many as there is room for, in their order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(anyCall, { maxLength: 20 }),
        fc.array(anyCall, { maxLength: 10 }),
        (oldSize, newSize, before, after) => {
          const older = new CountWindow(oldSize);
          for (const call of before) recordIn(older, call);
          const window = new CountWindow(newSize);
          window.takeOver(older);
          const known = before.slice(-oldSize);
          expect(sumsIn(window)).toEqual(sumsOf(known.slice(-newSize)));
          after.forEach((call, index) => {
            recordIn(window, call);
            const all = [...known.slice(-newSize), ...after.slice(0, index + 1)];
            expect(sumsIn(window)).toEqual(sumsOf(all.slice(-newSize)));
          });
        },
      ),
    );
  });
});

describe('taking in calls known by their sums', () => {
  const take = (size: number, sums: Partial<typeof NOTHING>) => {
    const window = new CountWindow(size);
    window.takeIn({ ...NOTHING, ...sums });
    return window;
  };

  it('keeps them all where there is room', () => {
    const sums = {
      calls: 10,
      failures: 4,
      slow: 3,
      weight: 1000,
      failedWeight: 400,
      slowWeight: 300,
    };
    expect(sumsIn(take(10, sums))).toEqual(sums);
    expect(sumsIn(take(100, sums))).toEqual(sums);
  });

  it('keeps their rates where there is less', () => {
    const sums = {
      calls: 1000,
      failures: 400,
      slow: 200,
      weight: 100_000,
      failedWeight: 40_000,
      slowWeight: 20_000,
    };
    expect(sumsIn(take(10, sums))).toEqual({
      calls: 10,
      failures: 4,
      slow: 2,
      weight: 1000,
      failedWeight: 400,
      slowWeight: 200,
    });
  });

  it('makes whole calls of the parts of calls that fading leaves, never more failures than calls', () => {
    const window = take(10, {
      calls: 9.7,
      failures: 9.7,
      slow: 9.7,
      weight: 970,
      failedWeight: 970,
      slowWeight: 970,
    });
    expect(sumsIn(window)).toMatchObject({ calls: 10, failures: 10, slow: 10 });
    expect(sumsIn(take(10, { calls: 0.4, failures: 0.4, weight: 40, failedWeight: 40 }))).toEqual(
      NOTHING,
    );
  });

  it('keeps the rate by weight, to the hundredth of a call', () => {
    // Five failures that weigh 10 each, five successes of 1.
    const window = take(10, { calls: 10, failures: 5, weight: 5500, failedWeight: 5000 });
    expect(sumsIn(window)).toMatchObject({
      calls: 10,
      failures: 5,
      weight: 5500,
      failedWeight: 5000,
    });
  });
});
