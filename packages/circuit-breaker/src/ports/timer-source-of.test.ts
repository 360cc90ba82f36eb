import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { timerSourceOf } from './timer-source-of.js';

describe('what the timers of a clock are made of', () => {
  it('never changes on a clock that does not say', () => {
    const source = timerSourceOf(new ManualClock());
    expect(source()).toBe(source());
  });

  it('is asked of the clock each time, as its method', () => {
    class Exchanging extends ManualClock {
      timers = 'first';
      timerSource(): unknown {
        return this.timers;
      }
    }
    const clock = new Exchanging();
    const source = timerSourceOf(clock);
    expect(source()).toBe('first');
    clock.timers = 'second';
    expect(source()).toBe('second');
  });
});
