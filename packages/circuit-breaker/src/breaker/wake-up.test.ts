import { describe, expect, it, vi } from 'vitest';
import type { CircuitBreakerOptions } from '../options.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'x',
    minimumCalls: 1,
    openForMs: 1000,
    halfOpen: { trials: 1 },
    clock,
    ...options,
  });
  return { clock, breaker };
};

describe('the event halfOpened', () => {
  it('comes on time, once, where someone listens', () => {
    const { clock, breaker } = setup();
    const heard: number[] = [];
    breaker.events.on('halfOpened', () => heard.push(clock.now()));
    breaker.trip();
    clock.advance(5000);
    expect(heard).toEqual([1000]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes on time to all who began to listen while it was open', () => {
    const { clock, breaker } = setup();
    const heard: [name: string, at: number][] = [];
    const listen = (name: string) =>
      breaker.events.on('halfOpened', () => heard.push([name, clock.now()]));
    breaker.trip();
    for (const name of ['first', 'second']) {
      listen(name);
      clock.advance(300);
    }
    clock.advance(5000);
    expect(heard).toEqual([
      ['first', 1000],
      ['second', 1000],
    ]);
    expect(clock.pendingTimers).toBe(0);
    breaker.trip();
    clock.advance(1000);
    expect(heard).toHaveLength(4);
    expect(clock.pendingTimers).toBe(0);
    breaker.trip();
    listen('third');
    breaker.reset();
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes at the next look where nobody listened, and costs no timer', () => {
    const { clock, breaker } = setup();
    breaker.events.on('opened', () => {});
    breaker.trip();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(5000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('is waited for by a timer in the background, which keeps no process alive', () => {
    const { clock, breaker } = setup();
    const setTimer = vi.spyOn(clock, 'setTimer');
    breaker.events.on('halfOpened', () => {});
    breaker.trip();
    expect(setTimer.mock.calls).toEqual([[expect.any(Function), 1000, { background: true }]]);
  });

  it.each(['on', 'once'] as const)(
    'comes on time to who began to listen by %s while it was open',
    (method) => {
      const { clock, breaker } = setup();
      breaker.trip();
      clock.advance(400);
      const heard: number[] = [];
      breaker.events[method]('halfOpened', () => heard.push(clock.now()));
      clock.advance(5000);
      expect(heard).toEqual([1000]);
    },
  );

  it('comes on time to where events go too, also if that began while it was open', () => {
    const { clock, breaker } = setup();
    breaker.trip();
    const emit = vi.fn();
    breaker.events.connect({ hears: (event) => event === 'halfOpened', emit });
    clock.advance(1000);
    expect(emit).toHaveBeenCalledTimes(1);
  });

  it('is not waited for once nobody listens at the time it opens', () => {
    const { clock, breaker } = setup();
    breaker.events.on('halfOpened', () => {})();
    breaker.trip();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is waited for anew when it opens for longer or for shorter', () => {
    const { clock, breaker } = setup();
    const heard: number[] = [];
    breaker.events.on('halfOpened', () => heard.push(clock.now()));
    breaker.trip();
    breaker.trip({ openForMs: 3000 });
    clock.advance(2999);
    expect(heard).toEqual([]);
    clock.advance(1);
    breaker.trip({ openForMs: 7000 });
    breaker.trip({ openForMs: 500 });
    clock.advance(500);
    expect(heard).toEqual([3000, 3500]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes once more each time trials fail', () => {
    const { clock, breaker } = setup();
    const heard: number[] = [];
    breaker.events.on('halfOpened', () => {
      heard.push(clock.now());
      breaker.tryAcquire()?.failure();
    });
    breaker.trip();
    clock.advance(3500);
    expect(heard).toEqual([1000, 2000, 3000]);
  });

  it('comes although timers are a little early by the clock', () => {
    const timers = new ManualClock();
    let lagMs = 0;
    const clock = {
      now: () => timers.now() - lagMs,
      wallTime: () => 0,
      setTimer: timers.setTimer.bind(timers),
    };
    const { breaker } = setup({ clock });
    const heard: number[] = [];
    breaker.events.on('halfOpened', () => heard.push(clock.now()));
    breaker.trip();
    lagMs = 0.7;
    timers.advance(1000);
    expect(heard).toEqual([]);
    timers.advance(1);
    expect(heard).toEqual([1000.3]);
    expect(timers.pendingTimers).toBe(0);
  });

  it.each(['holdOpen', 'holdClosed', 'reset', 'shutDown'] as const)(
    'is not waited for any more after %s',
    (change) => {
      const { clock, breaker } = setup();
      breaker.events.on('halfOpened', () => {});
      breaker.trip();
      breaker[change]();
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('of many breakers needs one timer', () => {
    const clock = new ManualClock();
    const heard: string[] = [];
    const breakers = [3, 1, 2].map((seconds) => {
      const { breaker } = setup({ name: `${seconds}`, openForMs: 1000 * seconds, clock });
      breaker.events.on('halfOpened', ({ breaker: name }) => heard.push(name));
      return breaker;
    });
    for (const breaker of breakers) breaker.trip();
    expect(clock.pendingTimers).toBe(1);
    clock.advance(3000);
    expect(heard).toEqual(['1', '2', '3']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not lost to a clock that sets no timer: it comes at the next look', () => {
    const clock = Object.assign(new ManualClock(), {
      setTimer: () => {
        throw new Error('no timers here');
      },
    });
    const { breaker } = setup({ clock });
    const heard = vi.fn();
    breaker.events.on('halfOpened', heard);
    breaker.trip();
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
