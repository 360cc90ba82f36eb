import { describe, expect, it, vi } from 'vitest';
import { timeout } from '../policy/timeout.js';
import type { Clock } from '../ports/clock.js';
import { ManualClock } from '../testing/index.js';

/** As in Cloudflare Workers: what a request has set ends with it. */
const setup = () => {
  const manual = new ManualClock();
  let request = 0;
  const timers: { readonly request: number; cancel(): void }[] = [];
  const clock: Clock = {
    now: () => manual.now(),
    wallTime: () => manual.wallTime(),
    setTimer: (callback, delayMs) => {
      const cancel = manual.setTimer(callback, delayMs);
      timers.push({ request, cancel });
      return cancel;
    },
    hasCallerTimers: true,
  };
  const limits = [timeout({ timeoutMs: 30, clock }), timeout({ timeoutMs: 200, clock })];
  const hang = (of: number, limit: number) => {
    request = of;
    const ended = vi.fn();
    const call = limits[limit]?.execute(() => new Promise(() => {})) as Promise<unknown>;
    call.catch((error: { code: string }) => ended(error.code));
    return ended;
  };
  const endOf = (ended: number) => {
    for (const timer of timers) if (timer.request === ended) timer.cancel();
  };
  return { manual, hang, endOf, limits, timers };
};

describe('time limits on a clock whose timers are their caller’s', () => {
  it('hold for each call, though the request that came before has ended', async () => {
    const { manual, hang, endOf } = setup();
    const first = hang(1, 0);
    const second = hang(2, 1);
    const third = hang(3, 0);
    await manual.advanceAsync(30);
    expect(first).toHaveBeenCalledWith('TIMEOUT');
    expect(third).toHaveBeenCalledWith('TIMEOUT');
    endOf(1);
    await manual.advanceAsync(169);
    expect(second).not.toHaveBeenCalled();
    await manual.advanceAsync(1);
    expect(second).toHaveBeenCalledWith('TIMEOUT');
    expect(manual.pendingTimers).toBe(0);
  });

  it('are no more once the call has ended', async () => {
    const { manual, limits, timers } = setup();
    expect(await limits[0]?.execute(() => 'done')).toBe('done');
    expect(timers).toHaveLength(1);
    expect(manual.pendingTimers).toBe(0);
  });

  it('refuse a call whose timer cannot be set', async () => {
    const clock: Clock = {
      now: () => 0,
      wallTime: () => 0,
      setTimer: () => {
        throw new Error('no timers outside of a request');
      },
      hasCallerTimers: true,
    };
    const operation = vi.fn();
    const call = timeout({ timeoutMs: 30, clock }).execute(operation);
    await expect(call).rejects.toThrow('no timers outside of a request');
    expect(operation).not.toHaveBeenCalled();
  });
});
