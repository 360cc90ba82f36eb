import { describe, expect, it, vi } from 'vitest';
import {
  BreakerOpenError,
  CircuitBreaker,
  type CircuitBreakerOptions,
  retry,
  withTimeout,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { deferred, flush } from './support/deferred.js';

/** Ways in which breakers are known to go wrong, each as a test of what is right. */

const HOUR = 3_600_000;
const down = new Error('down');

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'trap',
    window: { kind: 'time', durationMs: 10_000 },
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 1 },
    clock,
    onListenerError: () => {},
    ...options,
  });
  const fail = (times: number) => {
    for (let call = 0; call < times; call += 1) breaker.tryAcquire()?.failure(down);
  };
  const halfOpen = () => {
    fail(2);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  };
  return { breaker, clock, fail, halfOpen };
};

describe('a result that comes after the breaker has changed', () => {
  it('as a success begun before the break does not close a half-open breaker', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    begun?.success();
    expect(breaker.state).toBe('halfOpen');
  });

  it('as a failure begun before the break does not open a half-open breaker again', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    begun?.failure(down);
    expect(breaker.state).toBe('halfOpen');
  });

  it('as a failure begun before the break does not count after recovery', () => {
    const { breaker, halfOpen } = setup({ minimumCalls: 2 });
    const begun = [breaker.tryAcquire(), breaker.tryAcquire()];
    halfOpen();
    breaker.tryAcquire()?.success();
    for (const permit of begun) permit?.failure(down);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0 } });
  });

  it('as an ignored error gives back no permit it did not take', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    breaker.tryAcquire();
    begun?.ignore();
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('from an earlier half-open time does not count in the next', () => {
    const { breaker, clock, halfOpen } = setup({ halfOpen: { trials: 2, maxConcurrent: 2 } });
    halfOpen();
    const [slow, failing] = [breaker.tryAcquire(), breaker.tryAcquire()];
    failing?.failure(down);
    clock.advance(1000);
    breaker.tryAcquire()?.success();
    slow?.success();
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('a half-open breaker', () => {
  it('is not stuck with a trial that never settles', () => {
    const { breaker, clock, halfOpen } = setup({ halfOpen: { trials: 1, maxDurationMs: 500 } });
    halfOpen();
    void breaker.execute(() => new Promise(() => {}));
    expect(breaker.tryAcquire()).toBeUndefined();
    clock.advance(500);
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });

  it('takes a cancelled trial neither for recovery nor for failure', async () => {
    const { breaker, halfOpen } = setup();
    halfOpen();
    const controller = new AbortController();
    const call = breaker.execute(({ signal }) => cooperating(signal), controller);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect(breaker.state).toBe('halfOpen');
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });

  it('is not stranded by an ignored error in its trial', async () => {
    const { breaker, halfOpen } = setup({ classify: () => 'ignored' });
    halfOpen();
    await breaker.execute(() => Promise.reject(down)).catch(() => {});
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('lets no crowd in behind one good trial', async () => {
    const { breaker, halfOpen } = setup({ halfOpen: { trials: 2 } });
    halfOpen();
    const trial = deferred();
    const operation = vi.fn(() => trial.promise);
    const calls = Array.from({ length: 1000 }, () => breaker.execute(operation));
    trial.resolve('ok');
    const ended = await Promise.allSettled(calls);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(operation).toHaveBeenCalledTimes(1);
  });
});

describe('user code that throws', () => {
  it.each(['succeeded', 'failed', 'opened', 'halfOpened', 'closed', 'rejected'] as const)(
    'in a listener of %s changes no call and no state',
    async (event) => {
      const { breaker, clock } = setup({ minimumCalls: 1 });
      breaker.events.on(event, () => {
        throw new Error('listener');
      });
      await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
      await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
      clock.advance(1000);
      await expect(breaker.execute(() => 2)).resolves.toBe(2);
      expect(breaker.state).toBe('closed');
    },
  );

  it('in classify leaves no caller waiting', async () => {
    const { breaker } = setup({
      classify: () => {
        throw new Error('classify');
      },
    });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
  });

  it('has no say over bookkeeping: removing its listeners does not stop recovery', () => {
    const { breaker, halfOpen } = setup();
    const unsubscribe = breaker.events.on('opened', () => {});
    unsubscribe();
    halfOpen();
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });
});

describe('listeners that call the breaker that refused', () => {
  it('come to an end, and leave a breaker that works', async () => {
    const onListenerError = vi.fn();
    const { breaker, clock, fail } = setup({ onListenerError });
    breaker.events.on('rejected', () => {
      void breaker.execute(() => 1).catch(() => {});
    });
    fail(2);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'listener', name: 'rejected' }]]);
    clock.advance(1000);
    await expect(breaker.execute(() => 2)).resolves.toBe(2);
    expect(breaker.stats()).toMatchObject({ state: 'closed', inFlight: 0 });
  });
});

describe('the clock', () => {
  it('set back while open does not keep the breaker open', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    expect(breaker.state).toBe('open');
    clock.jump(-HOUR);
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('of the wall has no say at all', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    clock.setWallTime(clock.wallTime() + HOUR);
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.setWallTime(0);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('set back over and over does not empty a time window', () => {
    const { breaker, clock } = setup({ minimumCalls: 500 });
    for (let call = 0; call < 400; call += 1) {
      clock.advance(20);
      clock.jump(-2000);
      breaker.tryAcquire()?.success();
    }
    expect(breaker.stats().window.calls).toBe(400);
  });

  it('over an idle spell lets no old failure count', () => {
    const { breaker, clock, fail } = setup({ minimumCalls: 10 });
    fail(9);
    clock.advance(HOUR);
    fail(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, failures: 1 } });
  });
});

describe('a clock that breaks', () => {
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

  it.each([
    ['by throwing', throws],
    ['by giving no number', () => Number.NaN],
  ])('%s loses no result and keeps no permit', async (_how, now) => {
    const { clock, stopped, setBroken } = breaking(now);
    const onListenerError = vi.fn();
    const { breaker, fail } = setup({ clock: stopped, onListenerError });
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
  });

  it('from the start is reported, not thrown', async () => {
    const onListenerError = vi.fn();
    const clock = Object.assign(new ManualClock(), { now: throws });
    const { breaker } = setup({ clock, onListenerError });
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    expect(onListenerError).toHaveBeenCalledTimes(1);
  });

  it('has its hook told when the breaker may be used again', async () => {
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

  it('in its timers loses neither a result in time nor the time limit', async () => {
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

  it.each([
    ['clock', { clock: Object.assign(new ManualClock(), { setTimer: throws }) }, 1],
    ['random', { random: throws }, 2],
  ])('or a broken %s takes no place of the error in retry', async (name, broken, calls) => {
    const onListenerError = vi.fn();
    const operation = vi.fn(() => Promise.reject(down));
    const backoff = { kind: 'constant', delayMs: 1 } as const;
    await expect(
      retry(operation, { maxAttempts: 2, backoff, onListenerError, ...broken }),
    ).rejects.toBe(down);
    expect(operation).toHaveBeenCalledTimes(calls);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name }]]);
  });
});

describe('the failure rate', () => {
  it('is not diluted by calls still running', () => {
    const { breaker, fail } = setup({ minimumCalls: 10 });
    for (let call = 0; call < 1000; call += 1) breaker.tryAcquire();
    fail(10);
    expect(breaker.state).toBe('open');
  });

  it('forgets at recovery what was counted before the break', () => {
    const { breaker, halfOpen, fail } = setup();
    halfOpen();
    breaker.tryAcquire()?.success();
    fail(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1 } });
  });

  it('is not rounded: 49.5 % does not trip a rule of 50 %', () => {
    const { breaker } = setup({ minimumCalls: 1000, window: { kind: 'count', size: 1000 } });
    for (let call = 0; call < 1000; call += 1) {
      const permit = breaker.tryAcquire();
      if (call % 200 < 99) permit?.failure(down);
      else permit?.success();
    }
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { failureRate: 0.495 } });
  });

  it('takes no result for a failure because it is undefined', async () => {
    const { breaker } = setup();
    await breaker.execute(() => {});
    await breaker.execute(() => {});
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 2, failures: 0 } });
  });
});

describe('cancellation', () => {
  it('ends a wait between attempts, and does not run the operation again', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const operation = vi.fn(() => Promise.reject(down));
    const call = retry(operation, { clock, signal: controller.signal });
    await flush();
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    await clock.advanceAsync(HOUR);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('by the caller is not reported as a timeout', async () => {
    const controller = new AbortController();
    const call = withTimeout(({ signal }) => cooperating(signal), {
      timeoutMs: 1000,
      signal: controller.signal,
      clock: new ManualClock(),
    });
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('of one caller does not reach the others', async () => {
    const { breaker } = setup();
    const controllers = [new AbortController(), new AbortController()];
    const work = deferred();
    const [first, second] = controllers.map(({ signal }) =>
      breaker.execute(() => work.promise, { signal }),
    );
    controllers[0]?.abort();
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    work.resolve('ok');
    await expect(second).resolves.toBe('ok');
  });
});

describe('waits', () => {
  it('follow the exponent and stay numbers', async () => {
    const clock = new ManualClock();
    const waits: number[] = [];
    const call = retry(() => Promise.reject(down), {
      clock,
      maxAttempts: 100,
      backoff: { kind: 'exponential', initialMs: 1, factor: 10, maxMs: 5000, jitter: 'none' },
      onRetry: ({ delayMs }) => waits.push(delayMs),
    });
    call.catch(() => {});
    await clock.advanceAsync(HOUR);
    await expect(call).rejects.toBe(down);
    expect(waits.slice(0, 6)).toEqual([1, 10, 100, 1000, 5000, 5000]);
    expect(new Set(waits.slice(4))).toEqual(new Set([5000]));
  });
});

describe('weight', () => {
  it('is no timer, open or closed, used or idle', () => {
    const { breaker, clock, halfOpen } = setup();
    halfOpen();
    breaker.tryAcquire();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is no stack trace for a refused call', async () => {
    const { breaker, fail } = setup();
    fail(2);
    const error = await breaker.execute(() => 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BreakerOpenError);
    expect((error as BreakerOpenError).stack).not.toContain('\n');
  });
});

/** An operation that ends as soon as its signal is aborted. */
const cooperating = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
