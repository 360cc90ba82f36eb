import { describe, expect, it } from 'vitest';
import { NOTHING, sumsIn, sumsOf } from '../../test/support/window-sums.js';
import { ConsecutiveWindow } from './consecutive-window.js';

describe('a window of runs', () => {
  it('knows the last call alone', () => {
    const window = new ConsecutiveWindow();
    expect(sumsIn(window)).toEqual(NOTHING);
    window.record(true, true, 300);
    expect(sumsIn(window)).toEqual(sumsOf([{ failed: true, slow: true, weight: 300 }]));
    window.record(false, false, 100);
    expect(sumsIn(window)).toEqual(sumsOf([{ failed: false, slow: false, weight: 100 }]));
    window.clear();
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it('takes calls known by their sums for one of their middle weight', () => {
    const window = new ConsecutiveWindow();
    window.takeIn(NOTHING);
    expect(sumsIn(window)).toEqual(NOTHING);
    window.takeIn({
      calls: 4,
      failures: 1,
      slow: 0,
      weight: 800,
      failedWeight: 100,
      slowWeight: 0,
    });
    expect(sumsIn(window)).toEqual(sumsOf([{ failed: true, slow: false, weight: 200 }]));
  });
});
