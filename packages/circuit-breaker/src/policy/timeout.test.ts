import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import type { OperationContext } from '../operation/operation.js';
import { safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { LONGEST_MS } from '../validation.js';
import { retry } from './retry.js';
import { TIMEOUT_DEFAULTS, type TimeoutPolicyOptions, timeout } from './timeout.js';

const setup = (options: Partial<TimeoutPolicyOptions> = {}) => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const policy = timeout({ timeoutMs: 100, clock, onListenerError, ...options });
  return { clock, policy, onListenerError, ...hanging() };
};

describe('timeout', () => {
  it('ends as the operation does, and leaves no timer', async () => {
    const { clock, policy } = setup();
    const error = new Error('down');
    await expect(policy.execute(() => 1)).resolves.toBe(1);
    await expect(policy.execute(() => Promise.reject(error))).rejects.toBe(error);
    await expect(
      policy.execute(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects in time, aborts the signal with the same error, and drops what still comes', async () => {
    const { clock, policy } = setup();
    const late = deferred<string>();
    let context: OperationContext | undefined;
    const call = outcomeOf(
      policy.execute((given) => {
        context = given;
        return late.promise;
      }),
    );
    await clock.advanceAsync(99);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 100 });
    expect(context?.signal).toMatchObject({ aborted: true, reason: call.error });
    late.reject(new Error('much later'));
    await flush();
    expect(clock.pendingTimers).toBe(0);
  });

  it('has no stack trace, which would show the timer', async () => {
    const { clock, policy, operation } = setup();
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    expect((call.error as Error).stack).not.toContain('\n');
  });

  it('may be found for each attempt', async () => {
    const timeoutMs = vi.fn(({ attempt }: { attempt: number }) => 50 * attempt);
    const { clock, policy, operation } = setup({ timeoutMs });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(50);
    expect(call.error).toMatchObject({ timeoutMs: 50 });
    expect(timeoutMs.mock.calls).toEqual([[{ attempt: 1 }]]);
    expect(policy.timeoutMs).toBeUndefined();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['gives no time', () => undefined],
    ['gives nothing', () => 0],
    ['gives a promise', () => Promise.reject(new Error('async'))],
    ['gives forever', () => Number.POSITIVE_INFINITY],
    ['gives a text', () => '50'],
  ])('is a safe one where the function %s, which is reported', async (_how, timeoutMs) => {
    const { clock, policy, operation, onListenerError } = setup({ timeoutMs: timeoutMs as never });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(TIMEOUT_DEFAULTS.fallbackMs);
    expect(call.error).toMatchObject({ timeoutMs: TIMEOUT_DEFAULTS.fallbackMs });
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'timeoutMs' }]]);
  });

  it('may be found as long as one may be given', async () => {
    const { policy, onListenerError } = setup({ timeoutMs: () => LONGEST_MS });
    const look = ({ remainingMs }: OperationContext) => remainingMs;
    await expect(policy.execute(look)).resolves.toBe(LONGEST_MS);
    expect(onListenerError).not.toHaveBeenCalled();
    const odd = setup({ timeoutMs: () => LONGEST_MS + 1 });
    await expect(odd.policy.execute(look)).resolves.toBe(TIMEOUT_DEFAULTS.fallbackMs);
    expect(odd.onListenerError.mock.calls).toMatchObject([
      [{ error: { message: 'timeoutMs must return milliseconds above 0.' } }],
    ]);
  });

  it('tells of it before the caller knows, and after the signal is aborted', async () => {
    const { clock, policy, operation, contexts } = setup();
    const order: unknown[] = [];
    policy.events.on('timedOut', (payload) =>
      order.push([payload, contexts[0]?.signal.aborted, call.isSettled]),
    );
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    expect(order).toEqual([[{ timeoutMs: 100, attempt: 1 }, true, false]]);
    expect(call.isSettled).toBe(true);
  });

  it('ends the call though a listener throws', async () => {
    const { clock, policy, operation, onListenerError } = setup();
    policy.events.on('timedOut', () => {
      throw new Error('listener is broken');
    });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    expect(onListenerError).toHaveBeenCalledTimes(1);
  });

  it('calls listeners in the async context of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy, operation } = setup();
    const seen: unknown[] = [];
    policy.events.on('timedOut', () => seen.push(storage.getStore()));
    storage.run('caller', () => outcomeOf(policy.execute(operation)));
    await clock.advanceAsync(100);
    expect(seen).toEqual(['caller']);
  });

  it('calls nothing where the clock sets no timer', async () => {
    const operation = vi.fn();
    const noTimers = new Error('no timers here');
    const { policy } = setup({
      clock: {
        now: () => 0,
        wallTime: () => 0,
        setTimer: () => {
          throw noTimers;
        },
      },
    });
    await expect(policy.execute(operation)).rejects.toBe(noTimers);
    expect(operation).not.toHaveBeenCalled();
  });

  it('is kept by a clock that lags behind its own timers', async () => {
    const clock = new ManualClock();
    const { policy, operation } = setup({
      clock: {
        now: () => 0,
        wallTime: () => 0,
        setTimer: (callback, ms) => clock.setTimer(callback, ms),
      },
    });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
  });

  it.each([
    [{}, 'timeoutMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ timeoutMs: 31 * 24 * 3_600_000 }, 'timeoutMs'],
    [{ timeoutMs: '1s' }, 'timeoutMs'],
    [{ timeoutMs: 1, timeout: 1 }, 'timeout'],
    [{ timeoutMs: 1, clock: {} }, 'clock'],
    [{ timeoutMs: 1, onListenerError: 1 }, 'onListenerError'],
  ])('refuses %o', (options, option) => {
    expect(() => timeout(options as TimeoutPolicyOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});

describe('remainingMs', () => {
  it('is the time to the nearest of all limits around, and never below nothing', async () => {
    const { clock, policy } = setup({ timeoutMs: 1000 });
    const inner = timeout({ timeoutMs: 300, clock });
    const { operation, contexts } = hanging();
    outcomeOf(pipeline([policy, inner]).execute(operation));
    const left = () => contexts[0]?.remainingMs;
    expect(left()).toBe(300);
    clock.advance(120);
    expect(left()).toBe(180);
    clock.advance(5000);
    expect(left()).toBe(0);
  });

  it('is infinite without a limit, and counts the limit of the call', async () => {
    const look = safe(({ remainingMs }: OperationContext) => remainingMs);
    const { clock, policy } = setup();
    await expect(retry().execute(look)).resolves.toBe(Number.POSITIVE_INFINITY);
    await expect(retry({ clock }).execute(look, { timeoutMs: 40 })).resolves.toBe(40);
    await expect(policy.execute(look, { timeoutMs: 40 })).resolves.toBe(40);
    await expect(policy.execute(look, { timeoutMs: 400 })).resolves.toBe(100);
  });
});

describe('many limits', () => {
  it('take one timer, and none once nothing is limited any more', async () => {
    const { clock, policy } = setup();
    const other = timeout({ timeoutMs: 50, clock });
    const odd = timeout({ timeoutMs: ({ attempt }) => 60 + attempt, clock });
    const gate = deferred<void>();
    const calls = Array.from({ length: 1000 }, () =>
      [policy, other, odd].map((limit) => limit.execute(() => gate.promise)),
    ).flat();
    expect(clock.pendingTimers).toBe(1);
    gate.resolve();
    await Promise.all(calls);
    expect(clock.pendingTimers).toBe(0);
  });

  it('end each call at its own time, in the order of the deadlines', async () => {
    const { clock, policy, operation } = setup({ timeoutMs: 30 });
    const other = timeout({ timeoutMs: 20, clock });
    const ended: string[] = [];
    const begin = (name: string, one: typeof policy) =>
      void one.execute(operation).catch(() => ended.push(`${name} at ${clock.now()}`));
    begin('first', policy);
    clock.advance(5);
    begin('second', other);
    begin('third', policy);
    await clock.advanceAsync(100);
    expect(ended).toEqual(['second at 25', 'first at 30', 'third at 35']);
  });
});
