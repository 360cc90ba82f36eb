import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { failing, outcomeOf } from '../../test/support/operations.js';
import { Call } from '../operation/call.js';
import type { Layer, Sink } from '../operation/layer.js';
import { safe } from '../operation/repeatable.js';
import { Scope } from '../operation/scope.js';
import { ManualClock } from '../testing/manual-clock.js';
import { RateLimitedError } from './errors.js';
import { type RetryOptions, retry } from './retry.js';

const backoff = { kind: 'constant', delayMs: 100, jitter: 'none' } as const;

const setup = (times: number, options: RetryOptions = {}) => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const policy = retry({ clock, backoff, onListenerError, ...options });
  return { clock, policy, onListenerError, ...failing(times, clock) };
};

describe('what delayFor may answer', () => {
  it('is nothing, which is no failure', async () => {
    const { clock, operation, calledAt, policy, onListenerError } = setup(1, {
      delayFor: () => undefined,
    });
    outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    expect(calledAt).toEqual([0, 100]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('is 0: at once', async () => {
    const { clock, operation, calledAt, policy, onListenerError } = setup(2, { delayFor: () => 0 });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(0);
    await clock.advanceAsync(0);
    expect([call.value, calledAt]).toEqual(['ok 3', [0, 0, 0]]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it.each([
    [{ delayFor: () => -1 }, 'delayFor must return milliseconds from 0, or undefined.'],
    [{ shouldRetry: () => 1 as never }, 'shouldRetry must return true or false.'],
  ])('is told where it is something else (%#)', async (options, message) => {
    const { operation, policy, onListenerError } = setup(1, options);
    const call = outcomeOf(policy.execute(operation));
    await flush();
    expect(onListenerError.mock.calls).toMatchObject([[{ error: new TypeError(message) }]]);
    expect(call.value).toBeUndefined();
  });
});

describe('a wait that the error asks for', () => {
  it('is bounded by maxDelayMs only where it is longer than the backoff', async () => {
    const { clock, policy } = setup(0, { maxDelayMs: 50, maxAttempts: 2 });
    const ask = (retryAfterMs: number) => {
      const operation = vi.fn(() => Promise.reject(new RateLimitedError({ retryAfterMs })));
      outcomeOf(policy.execute(safe(operation)));
      return operation;
    };
    const [short, long] = [ask(100), ask(101)];
    await clock.advanceAsync(100);
    expect([short.mock.calls.length, long.mock.calls.length]).toEqual([2, 1]);
  });
});

describe('the reason for giving up', () => {
  it('is told where the error will not pass', async () => {
    const { operation, policy } = setup(1, { shouldRetry: () => false });
    const heard = vi.fn();
    policy.events.on('gaveUp', heard);
    await expect(policy.execute(operation)).rejects.toThrow('failed 1');
    expect(heard).toHaveBeenCalledWith({
      attempt: 1,
      error: new Error('failed 1'),
      reason: 'notTransient',
    });
  });
});

describe('a call that was given up', () => {
  it('asks nobody about what comes after', () => {
    const shouldRetry = vi.fn(() => true);
    const { clock, policy } = setup(0, { shouldRetry });
    const sinks: Sink[] = [];
    const next: Layer = { run: (_call, _scope, sink) => void sinks.push(sink) };
    const scope = new Scope();
    const settled = vi.fn();
    policy.layer(next).run(new Call(() => 1, {}, false), scope, { settled });
    scope.abort(new Error('given up'));
    sinks[0]?.settled(true, new Error('late'));
    expect(shouldRetry).not.toHaveBeenCalled();
    expect([settled.mock.calls.length, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('a retry', () => {
  it.each([
    [{ maxAttempts: 0 }, 'a whole number from 1 to 100 (attempts)'],
    [{ maxDelayMs: -1 }, 'a number from 0 to 2592000000 (ms)'],
  ])('says what is allowed instead of %o', (options, allowed) => {
    expect(() => retry(options)).toThrow(expect.objectContaining({ allowed }));
  });
});
