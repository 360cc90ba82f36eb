import { describe, expect, it, vi } from 'vitest';
import {
  bulkhead,
  CircuitBreaker,
  pipeline,
  retry,
  retryBudget,
  safe,
  timeout,
  withTimeout,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { deferred, flush } from './support/deferred.js';
import { cooperating, down, HOUR, setup } from './support/trap-setup.js';

describe('trap: cancellation', () => {
  it('during a retry wait waits in full, then runs the operation again', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const operation = vi.fn(() => Promise.reject(down));
    const call = retry({ clock }).execute(safe(operation), { signal: controller.signal });
    await flush();
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(HOUR);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('by the caller is reported as a timeout', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const clock = new ManualClock();
    const call = withTimeout(({ signal }) => cooperating(signal), {
      timeoutMs: 1000,
      clock,
      ...options,
    });
    const other = timeout({ timeoutMs: 1000, clock }).execute(
      ({ signal }) => cooperating(signal),
      options,
    );
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(other).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('of one caller reaches the others', async () => {
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

  it('by one timeout aborts other callers', async () => {
    const clock = new ManualClock();
    const limit = timeout({ timeoutMs: 100, clock });
    const aborted: string[] = [];
    const run = (name: string) =>
      limit.execute(({ signal }) => {
        signal.addEventListener('abort', () => aborted.push(name));
        return cooperating(signal);
      });
    const first = run('first');
    clock.advance(50);
    const second = run('second');
    clock.advance(50);
    await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(aborted).toEqual(['first']);
    clock.advance(50);
    await expect(second).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('by a time limit counts as a success, or not at all', async () => {
    const { breaker, clock } = setup({ minimumCalls: 10 });
    const outside = pipeline([timeout({ timeoutMs: 100, clock }), breaker]);
    const inside = pipeline([breaker, timeout({ timeoutMs: 100, clock })]);
    const calls = [outside, inside].map((line) => line.execute(() => new Promise(() => {})));
    clock.advance(100);
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { failed: 2, ignored: 0 } });
  });
});

describe('trap: the exponent of a wait', () => {
  it('is ignored, or grows until it is no number', async () => {
    const clock = new ManualClock();
    const waits: number[] = [];
    const policy = retry({
      clock,
      maxAttempts: 100,
      backoff: { kind: 'exponential', initialMs: 1, factor: 10, maxMs: 5000, jitter: 'none' },
      onRetry: ({ delayMs }) => {
        waits.push(delayMs);
      },
    });
    const call = policy.execute(safe(() => Promise.reject(down)));
    call.catch(() => {});
    await clock.advanceAsync(HOUR);
    await expect(call).rejects.toBe(down);
    expect(waits.slice(0, 6)).toEqual([1, 10, 100, 1000, 5000, 5000]);
    expect(new Set(waits.slice(4))).toEqual(new Set([5000]));
    expect(waits).toHaveLength(99);
  });
});

describe('trap: a retry that waits', () => {
  it('is counted as new load only when it runs, so that all arrive at once', async () => {
    const clock = new ManualClock();
    const budget = retryBudget({ ratio: 0, minConcurrent: 2 });
    const backoff = { kind: 'constant', delayMs: 100, jitter: 'none' } as const;
    const policy = retry({ clock, budget, backoff, maxAttempts: 2 });
    const operation = vi.fn(() => Promise.reject(down));
    const calls = Array.from({ length: 10 }, () => policy.execute(safe(operation)));
    const ended = Promise.allSettled(calls);
    await flush();
    expect(budget.extras).toBe(2);
    await clock.advanceAsync(100);
    await ended;
    expect(operation).toHaveBeenCalledTimes(12);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });
});

describe('trap: capacity after timeouts', () => {
  it('is free again though the calls still run: more run than may', async () => {
    const clock = new ManualClock();
    const places = bulkhead({ maxConcurrent: 2, maxQueue: 0, clock });
    const line = pipeline([timeout({ timeoutMs: 100, clock }), places]);
    const works = Array.from({ length: 10 }, () => deferred());
    let running = 0;
    let most = 0;
    const call = (index: number) =>
      line.execute(async () => {
        running += 1;
        most = Math.max(most, running);
        await works[index]?.promise;
        running -= 1;
      });
    const ends: unknown[] = [];
    for (const [index] of works.entries()) {
      const ended = call(index).catch(({ code }) => code as unknown);
      clock.advance(100);
      ends.push(await ended);
    }
    expect(most).toBe(2);
    expect(new Set(ends.slice(2))).toEqual(new Set(['BULKHEAD_FULL']));
    for (const work of works) work.resolve('at last');
    await flush();
    expect(running).toBe(0);
    await expect(line.execute(() => 'free')).resolves.toBe('free');
  });
});

describe('trap: a breaker around its retries', () => {
  it('counts several attempts as one call: it is refused as an order', () => {
    const breaker = new CircuitBreaker({ name: 'x' });
    expect(() => pipeline([breaker, retry()])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'policies' }),
    );
  });
});
