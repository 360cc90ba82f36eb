import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.js';
import { systemRandom } from './system-random.js';

const DAY = 24 * 3600 * 1000;

describe('the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells monotonic and calendar time', () => {
    const before = systemClock.now();
    vi.advanceTimersByTime(1500);
    expect(systemClock.now() - before).toBe(1500);
    expect(systemClock.wallTime()).toBe(Date.UTC(2026, 0, 1) + 1500);
  });

  it('calls back in time, unless cancelled', () => {
    const kept = vi.fn();
    const cancelled = vi.fn();
    systemClock.setTimer(kept, 100);
    const cancel = systemClock.setTimer(cancelled, 100);
    cancel();
    cancel();
    vi.advanceTimersByTime(99);
    expect(kept).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(kept).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('calls back no sooner than asked, whatever is cut off a fraction', () => {
    const callback = vi.fn();
    systemClock.setTimer(callback, 9.5);
    vi.advanceTimersByTime(9);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('goes by the calendar where there is no performance', () => {
    vi.stubGlobal('performance', undefined);
    try {
      const before = systemClock.now();
      vi.advanceTimersByTime(1500);
      expect(systemClock.now() - before).toBe(1500);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('keeps delays beyond what one timer can hold', () => {
    const callback = vi.fn();
    const cancelled = vi.fn();
    systemClock.setTimer(callback, 30 * DAY);
    const cancel = systemClock.setTimer(cancelled, 30 * DAY);
    vi.advanceTimersByTime(30 * DAY - 1);
    expect(callback).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('needs one timer for the longest delay that one can hold', () => {
    const callback = vi.fn();
    systemClock.setTimer(callback, 2 ** 31 - 1);
    vi.advanceTimersByTime(2 ** 31 - 1);
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe('the machine', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['unknown, as before Node 21', undefined, 50],
    ['a browser', { userAgent: 'Mozilla/5.0' }, 50],
    ['Cloudflare Workers', { userAgent: 'Cloudflare-Workers' }, 0],
  ])('that is %s has timers accordingly', async (_what, navigator, slackMs) => {
    vi.stubGlobal('navigator', navigator);
    vi.resetModules();
    const { systemClock: clock } = await import('./system-clock.js');
    expect([clock.slackMs, clock.hasCallerTimers]).toEqual([slackMs, slackMs === 0]);
  });

  it('may have timers that are mere numbers, as in browsers', () => {
    vi.stubGlobal('setTimeout', () => 7);
    expect(() => systemClock.setTimer(() => {}, 10, { background: true })).not.toThrow();
  });
});

describe('the machine’s timers', () => {
  it('keep a process alive, unless they are in the background', () => {
    const setTimeoutSpy = vi.spyOn(globalThis, 'setTimeout');
    const cancels = [
      systemClock.setTimer(() => {}, 1000),
      systemClock.setTimer(() => {}, 1000, { background: true }),
      systemClock.setTimer(() => {}, 30 * DAY, { background: true }),
    ];
    const refs = setTimeoutSpy.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    for (const cancel of cancels) cancel();
    setTimeoutSpy.mockRestore();
    expect(refs).toEqual([true, false, false]);
  });

  it('have slack while they are the real ones', () => {
    const source = systemClock.timerSource?.();
    expect(systemClock.slackMs).toBe(50);
    vi.useFakeTimers();
    expect(systemClock.slackMs).toBe(0);
    expect(systemClock.timerSource?.()).not.toBe(source);
    vi.useRealTimers();
    expect(systemClock.timerSource?.()).toBe(source);
    expect(systemClock.slackMs).toBe(50);
  });
});

describe('the machine’s randomness', () => {
  it('is a share from 0 to below 1, and varies', () => {
    const drawn = Array.from({ length: 100 }, systemRandom);
    expect(drawn.every((share) => share >= 0 && share < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });
});
