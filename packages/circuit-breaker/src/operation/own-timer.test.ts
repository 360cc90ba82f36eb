import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { NotedEntry, throws } from '../../test/support/deadlines.js';
import { timeout } from '../policy/timeout.js';
import type { Clock } from '../ports/clock.js';
import { ManualClock } from '../testing/index.js';
import { DeadlineQueue } from './deadline-queue.js';

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

/** A clock whose timers are their caller’s, called and cancelled by hand. */
const byHand = (cancel: unknown) => {
  const set: [callback: () => void, delayMs: number, options: unknown][] = [];
  const clock: Clock = {
    now: () => 0,
    wallTime: () => 0,
    setTimer: (...timer) => {
      set.push(timer as (typeof set)[number]);
      return cancel as () => void;
    },
    hasCallerTimers: true,
  };
  return { clock, set };
};

describe('a timer of its own', () => {
  let warned: MockInstance;
  beforeEach(() => {
    warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });
  afterEach(() => {
    warned.mockRestore();
  });
  const warnings = () => warned.mock.calls.map(([line]) => line);

  it.each([
    ['is no function', 'none', []],
    ['throws', throws, ["The callback 'clock' failed and was skipped. Error: no timers here"]],
  ])('comes to nothing for what was removed, though its cancel %s', (_what, cancel, told) => {
    const { clock, set } = byHand(cancel);
    const queue = DeadlineQueue.of(clock);
    const expired = vi.fn();
    const entry = new NotedEntry('', expired);
    queue.add(entry, 5);
    queue.remove(entry);
    set[0]?.[0]();
    expect(expired).not.toHaveBeenCalled();
    expect(warnings()).toEqual(told);
  });

  it('calls once, though the clock calls twice, and reports what is thrown', () => {
    const { clock, set } = byHand(undefined);
    const expired = vi.fn(throws);
    DeadlineQueue.of(clock).add(new NotedEntry('', expired), 5);
    for (let call = 0; call < 2; call += 1) set[0]?.[0]();
    expect(expired).toHaveBeenCalledTimes(1);
    expect(warnings()).toEqual([
      "The callback 'deadline' failed and was skipped. Error: no timers here",
    ]);
  });

  it('tells the clock whether a process need stay alive for it', () => {
    const { clock, set } = byHand(undefined);
    DeadlineQueue.of(clock).add(new NotedEntry('', () => {}), 5);
    DeadlineQueue.inBackground(clock).add(new NotedEntry('', () => {}), 6);
    expect(set.map(([, ...rest]) => rest)).toEqual([
      [5, { background: false }],
      [6, { background: true }],
    ]);
  });
});

describe('time limits on a clock whose timers are their caller’s', () => {
  it('hold for each call, though the request that came before has ended', async () => {
    const { manual, hang, endOf } = setup();
    const first = hang(1, 0);
    const second = hang(2, 1);
    const third = hang(3, 0);
    endOf(1);
    await manual.advanceAsync(30);
    expect(third).toHaveBeenCalledWith('TIMEOUT');
    expect(first).not.toHaveBeenCalled();
    await manual.advanceAsync(169);
    expect(second).not.toHaveBeenCalled();
    await manual.advanceAsync(1);
    expect(second).toHaveBeenCalledWith('TIMEOUT');
    expect(manual.pendingTimers).toBe(0);
  });

  it('of a single call hold as well', async () => {
    const { manual, limits, endOf } = setup();
    limits[1]?.execute(() => new Promise(() => {}), { timeoutMs: 20 }).catch(() => {});
    const call = limits[1]?.execute(() => new Promise(() => {}), { timeoutMs: 20 });
    const ended = vi.fn();
    call?.catch((error: { code: string }) => ended(error.code));
    endOf(1);
    await manual.advanceAsync(20);
    expect(ended).toHaveBeenCalledWith('TIMEOUT');
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
