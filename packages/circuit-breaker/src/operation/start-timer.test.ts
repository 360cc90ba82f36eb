import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { startTimer } from './start-timer.js';

describe('a timer', () => {
  it('calls back in time, once, unless cancelled', () => {
    const clock = new ManualClock();
    const [kept, cancelled] = [vi.fn(), vi.fn()];
    startTimer(clock, kept, 100);
    startTimer(clock, cancelled, 100)();
    clock.advance(100);
    expect(kept).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it.each([
    ['gives no way to cancel', undefined, 0],
    [
      'cannot cancel',
      () => {
        throw new Error('no such timer');
      },
      1,
    ],
  ])('of a clock that %s comes to nothing once cancelled', (_how, cancel, reports) => {
    let fire = () => {};
    const clock = Object.assign(new ManualClock(), {
      setTimer: (callback: () => void) => {
        fire = callback;
        return cancel as () => void;
      },
    });
    const [callback, hook] = [vi.fn(), vi.fn()];
    const stop = startTimer(clock, callback, 100, hook);
    expect(stop).not.toThrow();
    expect(stop).not.toThrow();
    fire();
    expect(callback).not.toHaveBeenCalled();
    expect(hook).toHaveBeenCalledTimes(reports);
  });
});
