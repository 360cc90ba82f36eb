import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.js';
import { systemRandom } from './random.js';

describe('a timer of the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    // The stubs first: what they stand in for is the fake.
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('calls back once, when its delay is over', () => {
    const callback = vi.fn();
    systemClock.setTimer(callback, 50);
    vi.advanceTimersByTime(49);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('calls nobody once it is cancelled', () => {
    const callback = vi.fn();
    const cancel = systemClock.setTimer(callback, 50);
    cancel();
    vi.advanceTimersByTime(1_000);
    expect(callback).not.toHaveBeenCalled();
  });

  it('does not keep the process alive', () => {
    const timer = { unref: vi.fn() };
    vi.stubGlobal('setTimeout', () => timer);
    systemClock.setTimer(() => {}, 50);
    expect(timer.unref).toHaveBeenCalledTimes(1);
  });

  it('may be a number, as it is in most runtimes', () => {
    const cleared = vi.fn();
    vi.stubGlobal('setTimeout', () => 7);
    vi.stubGlobal('clearTimeout', cleared);
    systemClock.setTimer(() => {}, 50)();
    expect(cleared).toHaveBeenCalledWith(7);
  });
});

describe('the machine’s own chance', () => {
  it('is the one of the language', () => {
    const drawn = vi.spyOn(Math, 'random').mockReturnValue(0.25);
    expect(systemRandom()).toBe(0.25);
    drawn.mockRestore();
  });
});
