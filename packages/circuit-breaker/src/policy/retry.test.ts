import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { BreakerOpenError, TimeoutError } from '../errors.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type RetryOptions, retry } from './retry.js';

const backoff = { kind: 'constant', delayMs: 100, jitter: 'none' } as const;

/** An operation that fails `times` times and then succeeds, and notes when it was called. */
const setup = (times: number) => {
  const clock = new ManualClock();
  const calledAt: number[] = [];
  const operation = ({ attempt }: { attempt: number }) => {
    calledAt.push(clock.now());
    return attempt <= times ? Promise.reject(new Error(`failed ${attempt}`)) : `ok ${attempt}`;
  };
  return { clock, calledAt, operation };
};

describe('retry', () => {
  it('does nothing more when the first attempt succeeds', async () => {
    const { clock, operation, calledAt } = setup(0);
    await expect(retry(operation, { clock })).resolves.toBe('ok 1');
    await expect(retry(() => 'plain')).resolves.toBe('plain');
    expect(calledAt).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tries again after the wait until an attempt succeeds', async () => {
    const { clock, operation, calledAt } = setup(2);
    const call = retry(operation, { clock, backoff });
    await clock.advanceAsync(1000);
    await expect(call).resolves.toBe('ok 3');
    expect(calledAt).toEqual([0, 100, 200]);
  });

  it('gives out the last error, untouched, after the last attempt', async () => {
    const { clock, operation, calledAt } = setup(99);
    const call = retry(operation, { clock, backoff, maxAttempts: 4 });
    call.catch(() => {});
    await clock.advanceAsync(1000);
    await expect(call).rejects.toThrow('failed 4');
    expect(calledAt).toEqual([0, 100, 200, 300]);
  });

  it('counts a throw as a failed attempt', async () => {
    const { clock } = setup(0);
    const operation = vi.fn(() => {
      throw new Error('at once');
    });
    await expect(retry(operation, { clock, maxAttempts: 1 })).rejects.toThrow('at once');
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('spreads waits by the randomness given', async () => {
    const { clock, operation, calledAt } = setup(2);
    const call = retry(operation, { clock, random: () => 0.25 });
    await clock.advanceAsync(1000);
    await call;
    expect(calledAt).toEqual([0, 25, 75]);
  });

  it('tells of each wait before it', async () => {
    const { clock, operation } = setup(2);
    const onRetry = vi.fn();
    const call = retry(operation, { clock, backoff, onRetry });
    await clock.advanceAsync(1000);
    await call;
    expect(onRetry.mock.calls).toEqual([
      [{ attempt: 1, error: new Error('failed 1'), delayMs: 100 }],
      [{ attempt: 2, error: new Error('failed 2'), delayMs: 100 }],
    ]);
  });
});

describe('whether to try again', () => {
  it('is asked of shouldRetry', async () => {
    const { clock, operation, calledAt } = setup(99);
    const call = retry(operation, { clock, backoff, shouldRetry: ({ attempt }) => attempt < 2 });
    call.catch(() => {});
    await clock.advanceAsync(1000);
    await expect(call).rejects.toThrow('failed 2');
    expect(calledAt).toEqual([0, 100]);
  });

  it('is no by default for an open breaker, and yes for a timeout', async () => {
    const open = new BreakerOpenError({ breaker: 'x', reason: 'open', retryAfterMs: 1 });
    const refused = vi.fn(() => Promise.reject(open));
    await expect(retry(refused)).rejects.toBe(open);
    expect(refused).toHaveBeenCalledTimes(1);

    const clock = new ManualClock();
    const slow = vi.fn(() => Promise.reject(new TimeoutError({ timeoutMs: 1 })));
    const call = retry(slow, { clock, backoff });
    call.catch(() => {});
    await clock.advanceAsync(1000);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(slow).toHaveBeenCalledTimes(3);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['returns a promise', () => Promise.reject(new Error('async')) as never],
  ])('is no when shouldRetry %s, which is reported', async (_how, shouldRetry) => {
    const { operation, calledAt } = setup(99);
    const onListenerError = vi.fn();
    await expect(retry(operation, { shouldRetry, onListenerError })).rejects.toThrow('failed 1');
    await flush();
    expect(calledAt).toHaveLength(1);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'shouldRetry' }]]);
  });
});

describe('how long to wait', () => {
  it('is what delayFor says, and the backoff where it says nothing', async () => {
    const { clock, operation, calledAt } = setup(2);
    const delayFor = vi.fn(({ attempt }: { attempt: number }) => (attempt === 1 ? 700 : undefined));
    const call = retry(operation, { clock, backoff, delayFor });
    await clock.advanceAsync(1000);
    await call;
    expect(calledAt).toEqual([0, 700, 800]);
    expect(delayFor.mock.calls[0]).toEqual([
      { attempt: 1, error: new Error('failed 1'), delayMs: 100 },
    ]);
  });

  it('may be as long as maxDelayMs', async () => {
    const { clock, operation, calledAt } = setup(1);
    const call = retry(operation, { clock, delayFor: () => 5000, maxDelayMs: 5000 });
    await clock.advanceAsync(5000);
    await expect(call).resolves.toBe('ok 2');
    expect(calledAt).toEqual([0, 5000]);
  });

  it('ends the retries if it is more than maxDelayMs, for earlier would break the wish', async () => {
    const { clock, operation, calledAt } = setup(2);
    const call = retry(operation, { clock, delayFor: () => 5001, maxDelayMs: 5000 });
    await expect(call).rejects.toThrow('failed 1');
    expect(calledAt).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
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
    const { clock, operation, calledAt } = setup(1);
    const onListenerError = vi.fn();
    const call = retry(operation, { clock, backoff, delayFor, onListenerError });
    await clock.advanceAsync(100);
    await expect(call).resolves.toBe('ok 2');
    expect(calledAt).toEqual([0, 100]);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'delayFor' }]]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['is rejected', () => Promise.reject(new Error('callback is broken'))],
  ])('does not change when onRetry %s, which is reported', async (_how, onRetry) => {
    const { clock, operation } = setup(1);
    const onListenerError = vi.fn();
    const call = retry(operation, { clock, backoff, onRetry, onListenerError });
    await clock.advanceAsync(100);
    await expect(call).resolves.toBe('ok 2');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'onRetry' }]]);
  });
});

describe('the caller’s signal', () => {
  it('is what each attempt is given', async () => {
    const { signal } = new AbortController();
    await retry((context) => expect(context.signal).toBe(signal), { signal });
    await retry((context) => expect(context.signal.aborted).toBe(false));
    expect.assertions(2);
  });

  it('ends a wait at once; no further attempt is made and no timer left', async () => {
    const { clock, operation, calledAt } = setup(99);
    const controller = new AbortController();
    const call = retry(operation, { clock, backoff, signal: controller.signal });
    await flush();
    expect(clock.pendingTimers).toBe(1);
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(clock.pendingTimers).toBe(0);
    expect(calledAt).toEqual([0]);
  });

  it('ends an attempt at once, whatever shouldRetry thinks', async () => {
    const controller = new AbortController();
    const operation = vi.fn(() => new Promise<never>(() => {}));
    const onRetry = vi.fn();
    const call = retry(operation, {
      signal: controller.signal,
      shouldRetry: () => true,
      onRetry,
    });
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(operation).toHaveBeenCalledTimes(1);
    expect(onRetry).not.toHaveBeenCalled();
  });

  it('already aborted calls nothing', async () => {
    const operation = vi.fn();
    const call = retry(operation, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
  });

  it('keeps no listener when the call is over', async () => {
    const { clock, operation } = setup(2);
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const call = retry(operation, { clock, backoff, signal });
    await clock.advanceAsync(1000);
    await call;
    expect(add).toHaveBeenCalledTimes(5);
    expect(remove).toHaveBeenCalledTimes(5);
  });
});

describe('impossible options', () => {
  it.each([
    [{ maxAttempts: 0 }, 'maxAttempts'],
    [{ maxAttempts: 2.5 }, 'maxAttempts'],
    [{ maxDelayMs: -1 }, 'maxDelayMs'],
    [{ shouldRetry: true }, 'shouldRetry'],
    [{ delayFor: 100 }, 'delayFor'],
    [{ onRetry: 'log' }, 'onRetry'],
    [{ random: 0.5 }, 'random'],
    [{ signal: {} }, 'signal'],
    [{ clock: {} }, 'clock'],
    [{ backoff: { kind: 'constant', delayMs: -1 } }, 'backoff.delayMs'],
    [{ retries: 3 }, 'retries'],
  ])('%o are refused before the first attempt', async (options, option) => {
    const operation = vi.fn();
    await expect(retry(operation, options as RetryOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option,
    });
    expect(operation).not.toHaveBeenCalled();
  });
});
