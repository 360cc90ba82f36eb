import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { failing, hanging, outcomeOf } from '../../test/support/operations.js';
import { BreakerOpenError, TimeoutError } from '../errors.js';
import { Call } from '../operation/call.js';
import type { Layer } from '../operation/layer.js';
import type { OperationContext } from '../operation/operation.js';
import { idempotent, safe } from '../operation/repeatable.js';
import { Scope } from '../operation/scope.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { RateLimitedError } from './errors.js';
import { type RetryOptions, type RetryPolicy, retry } from './retry.js';
import { retryBudget } from './retry-budget.js';
import { timeout } from './timeout.js';

const backoff = { kind: 'constant', delayMs: 100, jitter: 'none' } as const;
const down = new Error('down');
const fail = safe(() => Promise.reject(down));

const recordEvents = (policy: RetryPolicy) => {
  const heard: unknown[] = [];
  policy.events.on('retried', (payload) => heard.push(['retried', payload]));
  policy.events.on('gaveUp', (payload) => heard.push(['gaveUp', payload]));
  return heard;
};

const setup = (times: number, options: RetryOptions = {}) => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const policy = retry({ clock, backoff, onListenerError, ...options });
  return { clock, policy, onListenerError, ...failing(times, clock) };
};

describe('retry', () => {
  it('does nothing more when the first attempt succeeds', async () => {
    const { clock, operation, calledAt, policy } = setup(0);
    await expect(policy.execute(operation)).resolves.toBe('ok 1');
    await expect(retry().execute(safe(() => 'plain'))).resolves.toBe('plain');
    expect(calledAt).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tries again after the wait until an attempt succeeds, and numbers the attempts', async () => {
    const { clock, operation, calledAt, policy } = setup(2);
    const call = policy.execute(operation);
    await clock.advanceAsync(1000);
    await expect(call).resolves.toBe('ok 3');
    expect(calledAt).toEqual([0, 100, 200]);
  });

  it('gives out the last error, untouched, after the last attempt', async () => {
    const { clock, operation, calledAt, policy } = setup(99, { maxAttempts: 4 });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(1000);
    expect(call.error).toEqual(new Error('failed 4'));
    expect(calledAt).toEqual([0, 100, 200, 300]);
  });

  it('counts a throw as a failed attempt', async () => {
    const { clock, policy } = setup(0);
    const operation = vi.fn(() => {
      throw down;
    });
    const call = outcomeOf(policy.execute(safe(operation)));
    await clock.advanceAsync(1000);
    expect(call.error).toBe(down);
    expect(operation).toHaveBeenCalledTimes(3);
  });

  it('serves any number of calls at once, each with its own attempts', async () => {
    const { clock, policy } = setup(0);
    const one = failing(2, clock);
    const other = failing(1, clock);
    const calls = [policy.execute(one.operation), policy.execute(other.operation)];
    await clock.advanceAsync(1000);
    await expect(Promise.all(calls)).resolves.toEqual(['ok 3', 'ok 2']);
  });

  it('spreads waits by the randomness given', async () => {
    const { clock, operation, calledAt, policy } = setup(2, {
      backoff: undefined,
      random: () => 0.25,
    });
    const call = policy.execute(operation);
    await clock.advanceAsync(1000);
    await call;
    expect(calledAt).toEqual([0, 25, 75]);
  });

  it('waits as its backoff says, for every number of failures and attempts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 50 }),
        async (failures, maxAttempts, stepMs) => {
          const { clock, operation, calledAt, policy } = setup(failures, {
            maxAttempts,
            backoff: { kind: 'linear', initialMs: stepMs, stepMs, jitter: 'none' },
          });
          const call = outcomeOf(policy.execute(operation));
          await clock.advanceAsync(10_000);
          const attempts = Math.min(failures + 1, maxAttempts);
          expect(call).toMatchObject(
            attempts > failures ? { value: `ok ${attempts}` } : { error: {} },
          );
          expect(calledAt).toEqual(
            Array.from({ length: attempts }, (_, n) => (stepMs * n * (n + 1)) / 2),
          );
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('takes only what is declared as repeatable', async () => {
    const policy = retry();
    const unsafe = vi.fn(async () => 1);
    await expect(policy.execute(unsafe as never)).rejects.toMatchObject({
      code: 'NOT_REPEATABLE',
      policy: 'retry',
      message: expect.stringContaining('safe() or idempotent()'),
    });
    expect(unsafe).not.toHaveBeenCalled();
    await expect(policy.execute(idempotent(unsafe))).resolves.toBe(1);
  });
});

describe('whether to try again', () => {
  it('is asked of shouldRetry', async () => {
    const { clock, operation, calledAt, policy } = setup(99, {
      shouldRetry: ({ attempt }) => attempt < 2,
    });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(1000);
    expect(call.error).toEqual(new Error('failed 2'));
    expect(calledAt).toEqual([0, 100]);
  });

  it.each([
    ['an open breaker', new BreakerOpenError({ breaker: 'x', reason: 'open', retryAfterMs: 1 }), 1],
    ['an abort', new DOMException('', 'AbortError'), 1],
    ['a timeout', new TimeoutError({ timeoutMs: 1 }), 3],
    ['a platform timeout', new DOMException('', 'TimeoutError'), 3],
    ['a rate limit', new RateLimitedError({ retryAfterMs: 1 }), 3],
    ['no error at all', undefined, 3],
    ['a trap', new Proxy({}, { get: () => expect.unreachable() }), 3],
  ])('is by default decided by the error: %s', async (_what, error, calls) => {
    const { clock, policy } = setup(0);
    const operation = vi.fn(() => Promise.reject(error));
    const call = outcomeOf(policy.execute(safe(operation)));
    await clock.advanceAsync(1000);
    expect(call.isSettled).toBe(true);
    expect(operation).toHaveBeenCalledTimes(calls);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['returns a promise', () => Promise.reject(new Error('async')) as never],
    ['returns no boolean', () => 1 as never],
  ])('is no when shouldRetry %s, which is reported', async (_how, shouldRetry) => {
    const { operation, calledAt, policy, onListenerError } = setup(99, { shouldRetry });
    await expect(policy.execute(operation)).rejects.toThrow('failed 1');
    await flush();
    expect(calledAt).toHaveLength(1);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'shouldRetry' }]]);
  });
});

describe('how long to wait', () => {
  it('is what delayFor says, and the backoff where it says nothing', async () => {
    const delayFor = vi.fn(({ attempt }: { attempt: number }) => (attempt === 1 ? 700 : undefined));
    const { clock, operation, calledAt, policy } = setup(2, { delayFor });
    const call = policy.execute(operation);
    await clock.advanceAsync(1000);
    await call;
    expect(calledAt).toEqual([0, 700, 800]);
    expect(delayFor.mock.calls[0]).toEqual([
      { attempt: 1, error: new Error('failed 1'), delayMs: 100 },
    ]);
  });

  it('is what the error asks for, where that is longer than the backoff', async () => {
    const { clock, policy } = setup(0, { maxAttempts: 3 });
    const calledAt: number[] = [];
    const call = outcomeOf(
      policy.execute(
        safe(({ attempt }: OperationContext) => {
          calledAt.push(clock.now());
          return Promise.reject(new RateLimitedError({ retryAfterMs: attempt === 1 ? 700 : 1 }));
        }),
      ),
    );
    await clock.advanceAsync(2000);
    expect(call.isSettled).toBe(true);
    expect(calledAt).toEqual([0, 700, 800]);
  });

  it.each([Number.NaN, -1, '700', null])(
    'is the backoff where the error asks for %o',
    async (retryAfterMs) => {
      const { clock, policy } = setup(0, { maxAttempts: 2 });
      const operation = vi.fn(() => Promise.reject({ retryAfterMs }));
      outcomeOf(policy.execute(safe(operation)));
      await clock.advanceAsync(100);
      expect(operation).toHaveBeenCalledTimes(2);
    },
  );

  it('may be as long as maxDelayMs', async () => {
    const { clock, operation, calledAt, policy } = setup(1, {
      delayFor: () => 5000,
      maxDelayMs: 5000,
    });
    const call = policy.execute(operation);
    await clock.advanceAsync(5000);
    await expect(call).resolves.toBe('ok 2');
    expect(calledAt).toEqual([0, 5000]);
  });

  it('ends the retries if it is asked to be more than maxDelayMs, for earlier would break the wish', async () => {
    const { clock, operation, policy } = setup(2, { delayFor: () => 5001, maxDelayMs: 5000 });
    const heard = recordEvents(policy);
    await expect(policy.execute(operation)).rejects.toThrow('failed 1');
    expect(heard).toMatchObject([['gaveUp', { attempt: 1, reason: 'delay' }]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not bounded by maxDelayMs where the backoff says it', async () => {
    const { clock, operation, policy } = setup(1, {
      backoff: { kind: 'constant', delayMs: 60_000, jitter: 'none' },
      maxDelayMs: 1000,
    });
    const call = policy.execute(operation);
    await clock.advanceAsync(60_000);
    await expect(call).resolves.toBe('ok 2');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['returns no number', () => Number.NaN],
    ['returns less than nothing', () => -1],
    ['returns null', () => null as never],
  ])('is the backoff when delayFor %s, which is reported', async (_how, delayFor) => {
    const { clock, operation, calledAt, policy, onListenerError } = setup(1, { delayFor });
    const call = policy.execute(operation);
    await clock.advanceAsync(100);
    await expect(call).resolves.toBe('ok 2');
    expect(calledAt).toEqual([0, 100]);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'delayFor' }]]);
  });

  it('is nothing where the time limit around leaves no time for it', async () => {
    const { clock, operation, calledAt, policy } = setup(9);
    const heard = recordEvents(policy);
    const around = pipeline([timeout({ timeoutMs: 250, clock }), policy]);
    const call = outcomeOf(around.execute(operation));
    await clock.advanceAsync(200);
    // A third wait would end at 300 ms, after the limit: the caller knows at 200 ms.
    expect(call.error).toEqual(new Error('failed 3'));
    expect(calledAt).toEqual([0, 100, 200]);
    expect(clock.pendingTimers).toBe(0);
    expect(heard.at(-1)).toMatchObject(['gaveUp', { attempt: 3, reason: 'attempts' }]);
  });

  it.each([
    [{ timeoutMs: 100 }, 1],
    [{ timeoutMs: 101 }, 2],
  ])('is measured against the limit of the call: %o gives %i attempts', async (options, calls) => {
    const { clock, operation, calledAt, policy } = setup(9, { maxAttempts: 2 });
    const heard = recordEvents(policy);
    outcomeOf(policy.execute(operation, options));
    await clock.advanceAsync(1000);
    expect(calledAt).toHaveLength(calls);
    expect(heard.at(-1)).toMatchObject([
      'gaveUp',
      { reason: calls === 1 ? 'deadline' : 'attempts' },
    ]);
  });
});

describe('what it tells', () => {
  it('is each wait before it, to onRetry and to listeners, and why it gave up', async () => {
    const onRetry = vi.fn();
    const { clock, operation, policy } = setup(9, { onRetry, maxAttempts: 2 });
    const heard = recordEvents(policy);
    outcomeOf(policy.execute(operation));
    await clock.advanceAsync(1000);
    const told = { attempt: 1, error: new Error('failed 1'), delayMs: 100 };
    expect(onRetry.mock.calls).toEqual([[told]]);
    expect(heard).toEqual([
      ['retried', told],
      ['gaveUp', { attempt: 2, error: new Error('failed 2'), reason: 'attempts' }],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['is rejected', () => Promise.reject(new Error('callback is broken')) as never],
  ])('does not change when onRetry %s, which is reported', async (_how, onRetry) => {
    const { clock, operation, policy, onListenerError } = setup(1, { onRetry });
    const call = policy.execute(operation);
    await clock.advanceAsync(100);
    await expect(call).resolves.toBe('ok 2');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'onRetry' }]]);
  });
});

describe('the caller’s signal', () => {
  it('is what each attempt is given', async () => {
    const { signal } = new AbortController();
    const seen: AbortSignal[] = [];
    const look = safe((context: OperationContext) => seen.push(context.signal));
    await retry().execute(look, { signal });
    await retry().execute(look);
    expect(seen[0]).toBe(signal);
    expect(seen[1]?.aborted).toBe(false);
  });

  it('ends a wait at once; no further attempt is made and no timer left', async () => {
    const { clock, operation, calledAt, policy } = setup(99);
    const controller = new AbortController();
    const call = policy.execute(operation, { signal: controller.signal });
    await flush();
    expect(clock.pendingTimers).toBe(1);
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(1000);
    expect(calledAt).toEqual([0]);
  });

  it('ends an attempt at once, whatever shouldRetry thinks', async () => {
    const onRetry = vi.fn();
    const { policy } = setup(0, { shouldRetry: () => true, onRetry });
    const { operation, contexts } = hanging();
    const controller = new AbortController();
    const call = policy.execute(operation, { signal: controller.signal });
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(contexts).toHaveLength(1);
    expect(onRetry).not.toHaveBeenCalled();
  });

  it('ends it for good: what the attempt still brings is dropped, not tried again', async () => {
    const budget = retryBudget();
    const { clock, policy } = setup(0, { budget });
    const heard = recordEvents(policy);
    const late = deferred<string>();
    const operation = vi.fn(() => late.promise);
    const controller = new AbortController();
    const call = outcomeOf(policy.execute(safe(operation), { signal: controller.signal }));
    controller.abort('enough');
    late.reject(down);
    await clock.advanceAsync(1000);
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(operation).toHaveBeenCalledTimes(1);
    expect(heard).toEqual([]);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it('already aborted calls nothing', async () => {
    const operation = vi.fn();
    const call = retry().execute(safe(operation), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
  });

  it('keeps no listener when the call is over', async () => {
    const { clock, operation, policy } = setup(2);
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const call = policy.execute(operation, { signal });
    await clock.advanceAsync(1000);
    await call;
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it.each(['shouldRetry', 'delayFor', 'onRetry', 'retried', 'gaveUp'])(
    'aborted in %s ends the call there, and everything is given back',
    async (where) => {
      const controller = new AbortController();
      const abort = () => {
        controller.abort('in a callback');
        return where === 'shouldRetry' ? true : undefined;
      };
      const budget = retryBudget();
      const isEvent = where === 'retried' || where === 'gaveUp';
      const { clock, operation, calledAt, policy } = setup(9, {
        budget,
        maxAttempts: where === 'gaveUp' ? 1 : 3,
        ...(isEvent ? {} : { [where]: abort }),
      });
      if (isEvent) policy.events.on(where, abort);
      const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
      await clock.advanceAsync(1000);
      expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'in a callback' });
      expect(calledAt).toEqual([0]);
      expect(clock.pendingTimers).toBe(0);
      expect(budget).toMatchObject({ calls: 0, extras: 0 });
    },
  );
});

describe('a scope that is given up', () => {
  /** What a retry does to the layer around it when it is given up in `where`. */
  const settledAfter = (where: 'retried' | 'gaveUp') => {
    const { clock, policy } = setup(0, { maxAttempts: where === 'gaveUp' ? 1 : 2 });
    const scope = new Scope();
    const settled = vi.fn();
    const next: Layer = { run: (_call, _scope, sink) => sink.settled(true, down) };
    policy.events.on(where, () => scope.abort(new Error('given up')));
    policy.layer(next).run(new Call(fail, {}, false), scope, { settled });
    clock.advance(1000);
    expect(clock.pendingTimers).toBe(0);
    return settled;
  };

  it.each(['retried', 'gaveUp'] as const)('in %s settles nothing any more', (where) => {
    expect(settledAfter(where)).not.toHaveBeenCalled();
  });
});

describe('a time limit', () => {
  it('around it ends a wait, and the next attempt is not made', async () => {
    const { clock, policy } = setup(0, { delayFor: () => 400 });
    const { operation, calledAt } = failing(1, clock);
    const slow = safe(async () => {
      await new Promise<void>((resolve) => {
        clock.setTimer(resolve, 200);
      });
      return operation({ signal: AbortSignal.abort(), attempt: 1, remainingMs: 0 });
    });
    const around = pipeline([timeout({ timeoutMs: 650, clock }), policy]);
    const call = outcomeOf(around.execute(slow));
    await clock.advanceAsync(649);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 650 });
    expect(calledAt).toEqual([200]);
  });

  it('inside it is for each attempt, and starts anew', async () => {
    const { clock, policy } = setup(0);
    const { operation, contexts } = hanging();
    const call = outcomeOf(
      pipeline([policy, timeout({ timeoutMs: 50, clock })]).execute(operation),
    );
    await clock.advanceAsync(349);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 50 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('on both sides: the total ends the last attempt early', async () => {
    const { clock, policy } = setup(0);
    const { operation, contexts } = hanging();
    const both = pipeline([
      timeout({ timeoutMs: 180, clock }),
      policy,
      timeout({ timeoutMs: 50, clock }),
    ]);
    const call = outcomeOf(both.execute(operation));
    await clock.advanceAsync(160);
    expect(contexts.map(({ remainingMs }) => remainingMs)).toEqual([0, 20]);
    await clock.advanceAsync(20);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 180 });
    expect(contexts.map(({ signal }) => signal.reason.timeoutMs)).toEqual([50, 180]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that has given an attempt up drops what it still brings', async () => {
    const { clock, policy } = setup(0, { maxAttempts: 2 });
    const results = [deferred<string>(), deferred<string>()];
    const operation = safe(({ attempt }: OperationContext) => results[attempt - 1]?.promise);
    const call = outcomeOf(
      pipeline([policy, timeout({ timeoutMs: 50, clock })]).execute(operation),
    );
    await clock.advanceAsync(160);
    results[0]?.resolve('of the first, too late');
    await flush();
    expect(call.isSettled).toBe(false);
    results[1]?.resolve('of the second');
    await flush();
    expect(call.value).toBe('of the second');
  });
});

describe('retries in retries', () => {
  it('multiply, and number their attempts on', async () => {
    const clock = new ManualClock();
    const numbers: number[] = [];
    const inner = retry({ clock, backoff, maxAttempts: 2 });
    const outer = retry({ clock, backoff, maxAttempts: 2 });
    const call = outcomeOf(
      pipeline([outer, inner], { order: 'unchecked' }).execute(
        safe(({ attempt }: OperationContext) => {
          numbers.push(attempt);
          return Promise.reject(down);
        }),
      ),
    );
    await clock.advanceAsync(1000);
    expect(call.error).toBe(down);
    expect(numbers).toEqual([1, 2, 3, 4]);
  });
});

describe('where it runs', () => {
  it('is the caller’s async context, in attempts, callbacks and events', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const note = () => {
      seen.push(storage.getStore());
    };
    const { clock, policy } = setup(0, {
      maxAttempts: 2,
      onRetry: note,
      shouldRetry: () => {
        note();
        return true;
      },
    });
    policy.events.on('gaveUp', note);
    const operation = safe(() => {
      note();
      return Promise.reject(down);
    });
    const calls = ['a', 'b'].map((user) =>
      storage.run(user, () => outcomeOf(policy.execute(operation))),
    );
    await clock.advanceAsync(1000);
    expect(calls.every(({ isSettled }) => isSettled)).toBe(true);
    expect(['a', 'b', undefined].map((user) => seen.filter((one) => one === user).length)).toEqual([
      5, 5, 0,
    ]);
  });
});

describe('clocks', () => {
  it('that set no timer end the attempts with the error at hand, which is reported', async () => {
    const { operation, calledAt, policy, onListenerError } = setup(9, {
      budget: retryBudget(),
      clock: {
        now: () => 0,
        wallTime: () => 0,
        setTimer: () => {
          throw new Error('no timers here');
        },
      },
    });
    const heard = recordEvents(policy);
    await expect(policy.execute(operation)).rejects.toThrow('failed 1');
    expect(calledAt).toHaveLength(1);
    expect(onListenerError.mock.calls).toMatchObject([
      [{ kind: 'callback', name: 'clock', error: { message: 'no timers here' } }],
    ]);
    expect(heard).toMatchObject([['gaveUp', { reason: 'clock' }]]);
    expect(policy.budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it('have one timer for a thousand waiting calls, and none when none waits', async () => {
    const { clock, policy } = setup(0, { maxAttempts: 2 });
    const calls = Array.from({ length: 1000 }, () => outcomeOf(policy.execute(fail)));
    await clock.advanceAsync(99);
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(1);
    expect(calls.every(({ error }) => error === down)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('impossible options', () => {
  it.each([
    [{ maxAttempts: 0 }, 'maxAttempts'],
    [{ maxAttempts: 101 }, 'maxAttempts'],
    [{ maxAttempts: 2.5 }, 'maxAttempts'],
    [{ maxDelayMs: -1 }, 'maxDelayMs'],
    [{ shouldRetry: true }, 'shouldRetry'],
    [{ delayFor: 100 }, 'delayFor'],
    [{ onRetry: 'log' }, 'onRetry'],
    [{ random: 0.5 }, 'random'],
    [{ clock: {} }, 'clock'],
    [{ budget: {} }, 'budget'],
    [{ backoff: { kind: 'constant', delayMs: -1 } }, 'backoff.delayMs'],
    [{ backoff: null }, 'backoff'],
    [{ retries: 3 }, 'retries'],
    [null, 'options'],
  ])('%o are refused at once', (options, option) => {
    expect(() => retry(options as unknown as RetryOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
