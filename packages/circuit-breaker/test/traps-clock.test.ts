import { describe, expect, it, vi } from 'vitest';
import { retry, safe, withTimeout } from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { deferred, flush } from './support/deferred.js';
import { down, HOUR, setup } from './support/trap-setup.js';

describe('trap: a clock', () => {
  it('set back an hour while open keeps the breaker open for an hour', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    expect(breaker.state).toBe('open');
    clock.jump(-HOUR);
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('of the wall that is set forward or back while open has a say', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    clock.setWallTime(clock.wallTime() + HOUR);
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.setWallTime(0);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('that steps forward by itself is told from time that passes', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    clock.jump(999);
    expect(breaker.state).toBe('open');
    clock.jump(HOUR);
    expect(breaker.state).toBe('halfOpen');
  });

  it('set back two seconds stalls a time window, over and over', () => {
    const { breaker, clock } = setup({ minimumCalls: 500 });
    for (let call = 0; call < 400; call += 1) {
      clock.advance(20);
      clock.jump(-2000);
      breaker.tryAcquire()?.success();
    }
    expect(breaker.stats().window.calls).toBe(400);
    clock.advance(10_000);
    expect(breaker.stats().window.calls).toBe(0);
  });

  it('over an idle spell lets old failures count', () => {
    const { breaker, clock, fail } = setup({ minimumCalls: 10 });
    fail(9);
    clock.advance(HOUR);
    fail(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, failures: 1 } });
  });

  it.each([
    { kind: 'time', durationMs: 10_000 },
    { kind: 'time', durationMs: 10, buckets: 10 },
    { kind: 'time', durationMs: 10, buckets: 1 },
    { kind: 'ewma', halfLifeMs: 10 },
  ] as const)('of a test is ignored by a window of %o', (window) => {
    const { breaker, clock, fail } = setup({ window, minimumCalls: 4, failureRate: 1 });
    vi.useFakeTimers();
    try {
      fail(3);
      clock.advance(HOUR);
      fail(3);
      expect(breaker.state).toBe('closed');
      fail(1);
      expect(breaker.state).toBe('open');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('trap: a clock that breaks', () => {
  const breaking = (now: () => number) => {
    const clock = new ManualClock();
    let broken = false;
    const stopped = Object.assign(new ManualClock(), { now: () => (broken ? now() : clock.now()) });
    return {
      clock,
      stopped,
      setBroken: (value: boolean) => {
        broken = value;
      },
    };
  };
  const throws = () => {
    throw new Error('no time');
  };
  const WAYS: [how: string, now: () => number][] = [
    ['by throwing', throws],
    ['by giving no number', () => Number.NaN],
  ];
  const WINDOWS = [
    { kind: 'time', durationMs: 10_000 },
    { kind: 'count' },
    { kind: 'ewma' },
  ] as const;

  it.each(WAYS.flatMap(([how, now]) => WINDOWS.map((window) => [how, now, window] as const)))(
    '%s loses a result or keeps a permit, with %j %j',
    async (_how, now, window) => {
      const { clock, stopped, setBroken } = breaking(now);
      const onListenerError = vi.fn();
      const { breaker, fail } = setup({ clock: stopped, onListenerError, window });
      fail(2);
      clock.advance(1000);
      const paid = await breaker.execute(() => {
        setBroken(true);
        return 'paid';
      });
      expect(paid).toBe('paid');
      expect(breaker.stats()).toMatchObject({ inFlight: 0, state: 'closed' });
      await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
      fail(2);
      expect(breaker.state).toBe('open');
      await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
      setBroken(false);
      clock.advance(1000);
      expect(breaker.state).toBe('halfOpen');
      await flush();
      expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'clock' }]]);
    },
  );

  it.each(WAYS)(
    '%s takes a timed call for one without end or without beginning',
    async (_how, now) => {
      const { clock, stopped, setBroken } = breaking(now);
      const { breaker } = setup({
        clock: stopped,
        latency: true,
        slowCalls: { thresholdMs: 100, rate: 1 },
      });
      const heard: (number | undefined)[] = [];
      breaker.events.on('succeeded', ({ durationMs }) => heard.push(durationMs));
      await breaker.execute(() => {
        clock.advance(50);
        setBroken(true);
      });
      await breaker.execute(() => {
        setBroken(false);
        clock.advance(20);
      });
      expect(heard).toEqual([0, 70]);
      expect(breaker.stats()).toMatchObject({ state: 'closed', inFlight: 0, window: { slow: 0 } });
    },
  );

  it('from the start is thrown, not reported', async () => {
    const onListenerError = vi.fn();
    const clock = Object.assign(new ManualClock(), { now: throws });
    const { breaker } = setup({ clock, onListenerError });
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    await flush();
    expect(onListenerError).toHaveBeenCalledTimes(1);
  });

  it('has its hook told when the breaker is in the middle of a change', async () => {
    const { stopped, setBroken } = breaking(throws);
    const told = deferred<string>();
    const { breaker, fail } = setup({
      clock: stopped,
      onListenerError: () => {
        breaker.reset();
        told.resolve(breaker.state);
      },
    });
    fail(2);
    setBroken(true);
    expect(breaker.state).toBe('open');
    await expect(told.promise).resolves.toBe('closed');
  });

  it('in its timers loses a result in time, or the time limit', async () => {
    const clock = Object.assign(new ManualClock(), { setTimer: () => undefined as never });
    await expect(withTimeout(() => 1, { timeoutMs: 5, clock })).resolves.toBe(1);
    await expect(withTimeout(() => Promise.reject(down), { timeoutMs: 5, clock })).rejects.toBe(
      down,
    );
    const operation = vi.fn();
    const timerless = Object.assign(new ManualClock(), { setTimer: throws });
    await expect(withTimeout(operation, { timeoutMs: 5, clock: timerless })).rejects.toThrow(
      'no time',
    );
    expect(operation).not.toHaveBeenCalled();
  });

  it('in its timers keeps an open breaker open that someone listens to', () => {
    const clock = Object.assign(new ManualClock(), { setTimer: throws });
    const { breaker, fail } = setup({ clock });
    const heard = vi.fn();
    breaker.events.on('halfOpened', heard);
    fail(2);
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    expect(heard).not.toHaveBeenCalled();
    expect(breaker.state).toBe('halfOpen');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['clock', { clock: Object.assign(new ManualClock(), { setTimer: throws }) }, 1],
    ['random', { random: throws }, 2],
  ])('or a broken %s takes the place of the error in retry', async (name, broken, calls) => {
    const clock = new ManualClock();
    const onListenerError = vi.fn();
    const operation = vi.fn(() => Promise.reject(down));
    const backoff = { kind: 'constant', delayMs: 1 } as const;
    const policy = retry({ maxAttempts: 2, backoff, onListenerError, clock, ...broken });
    const call = policy.execute(safe(operation));
    call.catch(() => {});
    await clock.advanceAsync(1);
    await expect(call).rejects.toBe(down);
    expect(operation).toHaveBeenCalledTimes(calls);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name }]]);
  });
});
