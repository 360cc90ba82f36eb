import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyCall,
  NOTHING,
  recordIn,
  settableTime,
  sumsIn,
  sumsOf,
} from '../../test/support/window-sums.js';
import { EwmaWindow } from './ewma-window.js';
import { WHOLE } from './outcome-window.js';

const HALF_LIFE_MS = 1000;

const setup = () => {
  const time = settableTime(123);
  return { time, window: new EwmaWindow(HALF_LIFE_MS, time) };
};

describe('a fading window', () => {
  it('counts like any other while no time passes', () => {
    fc.assert(
      fc.property(fc.array(anyCall), (calls) => {
        const { window } = setup();
        for (const call of calls) recordIn(window, call);
        expect(sumsIn(window)).toEqual(sumsOf(calls));
      }),
    );
  });

  it('counts each call half after every half-life, whole sums and weighted ones alike', () => {
    const { time, window } = setup();
    window.record(true, true, 400);
    time.now += HALF_LIFE_MS;
    expect(sumsIn(window)).toEqual({
      calls: 0.5,
      failures: 0.5,
      slow: 0.5,
      weight: 200,
      failedWeight: 200,
      slowWeight: 200,
    });
    window.record(false, false, WHOLE);
    time.now += HALF_LIFE_MS;
    expect(sumsIn(window)).toEqual({
      calls: 0.75,
      failures: 0.25,
      slow: 0.25,
      weight: 150,
      failedWeight: 100,
      slowWeight: 100,
    });
  });

  it('fades as much over many looks as over one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 20 }),
        (gaps) => {
          const [often, once] = [setup(), setup()];
          for (const { window } of [often, once]) window.record(true, false, WHOLE);
          for (const gap of gaps) {
            often.time.now += gap;
            once.time.now += gap;
            often.window.refresh();
          }
          expect(sumsIn(often.window).weight).toBeCloseTo(sumsIn(once.window).weight, 9);
        },
      ),
    );
  });

  it('keeps the rate while it fades', () => {
    const { time, window } = setup();
    for (let call = 0; call < 10; call += 1) window.record(call < 5, false, WHOLE);
    for (let step = 0; step < 50; step += 1) {
      time.now += 37;
      const { failedWeight, weight } = sumsIn(window);
      expect(failedWeight / weight).toBe(0.5);
    }
  });

  it('forgets all over a long time, and stays made of numbers', () => {
    const { time, window } = setup();
    window.record(true, true, WHOLE);
    time.now += 1e15;
    expect(sumsIn(window)).toEqual(NOTHING);
    window.record(true, false, WHOLE);
    expect(sumsIn(window)).toMatchObject({ calls: 1, failures: 1 });
  });

  it('forgets all when cleared', () => {
    const { time, window } = setup();
    window.record(true, true, WHOLE);
    time.now += 10;
    window.clear();
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('takes in calls known by their sums as calls of now', () => {
    const { time, window } = setup();
    window.record(false, false, WHOLE);
    time.now += HALF_LIFE_MS;
    window.takeIn(sumsOf([{ failed: true, slow: false, weight: 300 }]));
    expect(sumsIn(window)).toMatchObject({
      calls: 1.5,
      failures: 1,
      weight: 350,
      failedWeight: 300,
    });
  });
});
