import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { recordPolicyEvents } from '../../test/support/record-policy-events.js';
import {
  type CallOptions,
  type Clock,
  InvalidOptionError,
  pipeline,
  type RateLimitOptions,
  rateLimit,
  retry,
  safe,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

const limited = (retryAfterMs: number) => ({
  code: 'RATE_LIMITED',
  retryAfterMs: expect.closeTo(retryAfterMs, 6),
});

const setup = (options: Partial<RateLimitOptions> = {}) => {
  const clock = new ManualClock();
  const policy = rateLimit({ limit: 2, clock, ...options } as RateLimitOptions);
  /** When each call began, in the order of beginning. */
  const begun: [name: string, at: number][] = [];
  const call = (name: string, callOptions?: CallOptions) => {
    const answer = policy.execute(() => {
      begun.push([name, clock.now()]);
      return name;
    }, callOptions);
    answer.catch(() => {});
    return answer;
  };
  return { clock, policy, begun, call };
};

/** A clock that calls its timers, by hand, while its time stands still. */
const stoppedClock = () => {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    wallTime: () => 0,
    setTimer: (callback) => {
      timers.push(callback);
      return () => {};
    },
  };
  const fire = () => {
    for (const timer of timers.splice(0)) timer();
  };
  return { clock, fire };
};

describe('a token bucket', () => {
  it('lets a burst through at once, then one call for each permit that comes', async () => {
    const { clock, policy, call } = setup({ limit: 4, burst: 2 });
    await Promise.all([call('one'), call('two')]);
    await expect(call('three')).rejects.toMatchObject(limited(250));
    clock.advance(249);
    await expect(call('three')).rejects.toMatchObject(limited(1));
    clock.advance(1);
    expect(policy.available).toBe(1);
    await expect(call('three')).resolves.toBe('three');
    expect(policy.available).toBe(0);
  });

  it('keeps permits up to its burst, which is its limit unless told otherwise', () => {
    const { clock, policy, call } = setup({ limit: 3 });
    expect(policy.available).toBe(3);
    void call('one');
    expect(policy.available).toBe(2);
    clock.advance(60_000);
    expect(policy.available).toBe(3);
  });
});

describe('a sliding window', () => {
  it('lets no more than its limit through in any stretch of its interval', async () => {
    const { clock, policy, call } = setup({ kind: 'slidingWindow', limit: 2 });
    await call('one');
    clock.advance(600);
    await call('two');
    await expect(call('three')).rejects.toMatchObject(limited(400));
    clock.advance(400);
    expect(policy.available).toBe(1);
    await call('three');
    await expect(call('four')).rejects.toMatchObject(limited(600));
  });
});

describe.each(['tokenBucket', 'slidingWindow'] as const)('a rate limit of kind %s', (kind) => {
  it('calls nothing that it refuses, and makes no stack for it', async () => {
    const { policy } = setup({ kind, limit: 1 });
    const operation = vi.fn<() => void>();
    await policy.execute(operation);
    const refused = policy.execute(operation);
    await expect(refused).rejects.toMatchObject(limited(1000));
    await expect(refused).rejects.toHaveProperty('stack', expect.not.stringContaining('\n    at '));
    expect(operation).toHaveBeenCalledOnce();
  });

  it('lets callers wait in the order they came, as long as their turn is near enough', async () => {
    const { clock, policy, begun, call } = setup({ kind, limit: 1, maxWaitMs: 2500 });
    const calls = [call('one'), call('two'), call('three')];
    expect([begun.length, policy.queued]).toEqual([1, 2]);
    await expect(call('four')).rejects.toMatchObject(limited(3000));
    await clock.advanceAsync(2000);
    await expect(Promise.all(calls)).resolves.toEqual(['one', 'two', 'three']);
    expect(begun).toEqual([
      ['one', 0],
      ['two', 1000],
      ['three', 2000],
    ]);
    expect([policy.queued, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('lets one in whose turn comes when its time is over', async () => {
    const { clock, call } = setup({ kind, limit: 1, maxWaitMs: 1000 });
    void call('one');
    const last = call('last');
    await clock.advanceAsync(1000);
    await expect(last).resolves.toBe('last');
  });

  it('lets nobody pass those that wait', async () => {
    const { clock, begun, call } = setup({ kind, limit: 1, maxWaitMs: 5000 });
    for (const name of ['one', 'two']) void call(name);
    // The permit has come, but no timer has been called yet.
    clock.jump(1000);
    void call('three');
    expect(begun).toEqual([['one', 0]]);
    await clock.advanceAsync(2000);
    expect(begun.map(([name]) => name)).toEqual(['one', 'two', 'three']);
  });

  it('moves those up that stand behind one who leaves', async () => {
    const { clock, policy, begun, call } = setup({ kind, limit: 1, maxWaitMs: 5000 });
    const controller = new AbortController();
    void call('one');
    const aborted = call('aborted', { signal: controller.signal });
    void call('two');
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await clock.advanceAsync(1000);
    expect(begun).toEqual([
      ['one', 0],
      ['two', 1000],
    ]);
    expect([policy.queued, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('sets no timer any more once all that waited have left', async () => {
    const { clock, call } = setup({ kind, limit: 1, maxWaitMs: 5000 });
    const controller = new AbortController();
    for (const name of ['one', 'two', 'three']) void call(name, { signal: controller.signal });
    controller.abort();
    await flush();
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses one at once whose own deadline comes before its turn', async () => {
    const { call } = setup({ kind, limit: 1, maxWaitMs: 5000 });
    void call('one');
    await expect(call('two', { timeoutMs: 1000 })).rejects.toMatchObject(limited(1000));
  });

  it('keeps the context of a caller that waits', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy, call } = setup({ kind, limit: 1, maxWaitMs: 5000 });
    void call('one');
    const seen = storage.run('two', () => policy.execute(() => storage.getStore()));
    await storage.run('the timer', () => clock.advanceAsync(1000));
    await expect(seen).resolves.toBe('two');
  });

  it('keeps it for a policy further out when it waited in vain', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, fire } = stoppedClock();
    const { policy, call } = setup({ kind, limit: 1, maxWaitMs: 1000, clock });
    await call('one');
    const seen: unknown[] = [];
    const outer = retry({
      shouldRetry: () => {
        seen.push(storage.getStore());
        return false;
      },
    });
    const caller = storage.run('two', () => pipeline([outer, policy]).execute(safe(() => 'never')));
    storage.run('the timer', fire);
    await expect(caller).rejects.toMatchObject(limited(1000));
    expect(seen).toEqual(['two']);
  });

  it('tells whom it refuses', async () => {
    const { policy, call } = setup({ kind, limit: 1, maxWaitMs: 1000 });
    const heard = recordPolicyEvents(policy.events, ['limited']);
    for (const name of ['one', 'two', 'three']) void call(name);
    await flush();
    expect(heard).toEqual([['limited', { retryAfterMs: expect.closeTo(2000, 6), waiting: 1 }]]);
  });

  it('empties a long line of calls that end at once', async () => {
    const { clock, policy } = setup({ kind, limit: 2000, maxWaitMs: 60_000 });
    const ended = vi.fn<() => void>();
    const broken = () => {
      throw new Error('at once');
    };
    for (let call = 0; call < 4000; call += 1) policy.execute(broken).catch(ended);
    await clock.advanceAsync(1001);
    expect([ended.mock.calls.length, policy.queued]).toEqual([4000, 0]);
  });
});

describe('a clock', () => {
  it('that sets no timer lets nobody wait', async () => {
    const onListenerError = vi.fn<(failure: unknown) => void>();
    const clock: Clock = {
      now: () => 0,
      wallTime: () => 0,
      setTimer: () => {
        throw new Error('no timers today');
      },
    };
    const { policy, call } = setup({ limit: 1, maxWaitMs: 5000, clock, onListenerError });
    await call('one');
    await expect(call('two')).rejects.toMatchObject(limited(1000));
    expect(policy.queued).toBe(0);
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith({
      kind: 'callback',
      name: 'clock',
      error: new Error('no timers today'),
    });
  });

  it.each([1, 2])('that sets no more than %i timers lets nobody wait for good', async (timers) => {
    const onListenerError = vi.fn<(failure: unknown) => void>();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const inner = new ManualClock();
    let left = timers;
    const clock: Clock = {
      now: () => inner.now(),
      wallTime: () => 0,
      setTimer: (callback, ms) => {
        if (left === 0) throw new Error('no more');
        left -= 1;
        return inner.setTimer(callback, ms);
      },
    };
    const { policy, call } = setup({ limit: 1, maxWaitMs: 5000, clock, onListenerError });
    const calls = ['one', 'two', 'three'].map((name) => call(name));
    await inner.advanceAsync(1000);
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(timers);
    expect(answers.at(-1)).toMatchObject({ reason: { code: 'RATE_LIMITED' } });
    expect(policy.queued).toBe(0);
    expect(onListenerError).toHaveBeenCalledWith({
      kind: 'callback',
      name: 'clock',
      error: new Error('no more'),
    });
    warn.mockRestore();
  });

  it('that stands still keeps nobody waiting for longer than allowed', async () => {
    const { clock, fire } = stoppedClock();
    const { policy, call } = setup({ limit: 1, maxWaitMs: 1000, clock });
    await call('one');
    const second = call('two');
    fire();
    await expect(second).rejects.toMatchObject(limited(1000));
    expect(policy.queued).toBe(0);
  });
});

describe('the options of a rate limit', () => {
  it.each([
    [{}, 'limit'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ limit: 2001, intervalMs: 2 }, 'limit'],
    [{ limit: 1, intervalMs: 0.5 }, 'intervalMs'],
    [{ limit: 1, maxWaitMs: -1 }, 'maxWaitMs'],
    [{ limit: 1, burst: 0 }, 'burst'],
    [{ limit: 1, kind: 'fixedWindow' }, 'kind'],
    [{ limit: 1, kind: null }, 'kind'],
    [{ limit: 1, kind: 'slidingWindow', burst: 2 }, 'burst'],
    [{ limit: 1, per: 2 }, 'per'],
    [{ limit: 1, burst: 1.5 }, 'burst'],
  ])('%j are refused because of %s', (options, option) => {
    expect(() => rateLimit(options as RateLimitOptions)).toThrow(InvalidOptionError);
    expect(() => rateLimit(options as RateLimitOptions)).toThrow(`Option '${option}'`);
  });

  it.each([
    [{ limit: 0 }, 'a whole number from 1 to 1000000 (calls)'],
    [{ limit: 1, intervalMs: 0 }, 'a number from 1 to 2592000000 (ms)'],
    [{ limit: 1, maxWaitMs: -1 }, 'a number from 0 to 2592000000 (ms)'],
    [
      { limit: 1, kind: 'slidingWindow', burst: 2 },
      'left out, for a sliding window allows no more than its limit',
    ],
  ])('%j are refused with what is allowed: %s', (options, allowed) => {
    expect(() => rateLimit(options as RateLimitOptions)).toThrow(`must be ${allowed}; it is`);
  });
});
