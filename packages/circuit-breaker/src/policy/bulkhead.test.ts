import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { type Deferred, deferred, flush } from '../../test/support/deferred.js';
import { recordPolicyEvents } from '../../test/support/record-policy-events.js';
import {
  type BulkheadOptions,
  bulkhead,
  type CallOptions,
  type Clock,
  hedge,
  InvalidOptionError,
  pipeline,
  retry,
  safe,
  timeout,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

const EVENTS = ['queued', 'admitted', 'refused', 'limitChanged'] as const;
const full = (reason: string) => ({ code: 'BULKHEAD_FULL', reason });

const setup = (options: Partial<BulkheadOptions> = {}) => {
  const clock = new ManualClock();
  const policy = bulkhead({ maxConcurrent: 1, maxQueue: 10, clock, ...options });
  const started: string[] = [];
  /** Starts a call that a test ends by hand. */
  const call = (name: string, callOptions?: CallOptions) => {
    const operation = deferred<string>();
    const caller = policy.execute(() => {
      started.push(name);
      return operation.promise;
    }, callOptions);
    caller.catch(() => {});
    return { ...operation, caller };
  };
  const counts = () => ({ running: policy.running, queued: policy.queued });
  return { clock, policy, started, call, counts };
};

/** A caller that gave up on an operation that does not heed it. */
const abandon = async (call: (name: string, options: CallOptions) => Deferred<string>) => {
  const controller = new AbortController();
  const operation = call('abandoned', { signal: controller.signal });
  controller.abort();
  await flush();
  return operation;
};

describe('a bulkhead', () => {
  it('lets as many calls run as it has places, and gives their results', async () => {
    const { policy, call, started, counts } = setup({ maxConcurrent: 2, maxQueue: 0 });
    const [one, two] = [call('one'), call('two')];
    expect([started, counts(), policy.limit]).toEqual([
      ['one', 'two'],
      { running: 2, queued: 0 },
      2,
    ]);
    one.resolve('1');
    two.reject(new Error('2'));
    await expect(one.caller).resolves.toBe('1');
    await expect(two.caller).rejects.toThrow('2');
    expect(counts()).toEqual({ running: 0, queued: 0 });
  });

  it('refuses one more at once, without calling it and without a stack', async () => {
    const { call, started } = setup({ maxQueue: 0 });
    call('one');
    const refused = call('two').caller;
    await expect(refused).rejects.toMatchObject(full('queueFull'));
    await expect(refused).rejects.toHaveProperty('stack', expect.not.stringContaining('\n    at '));
    expect(started).toEqual(['one']);
  });

  it('lets callers wait in the order they came, higher priorities first', async () => {
    const { call, started } = setup();
    const first = call('first');
    const waiting = [
      call('a', { priority: 0 }),
      call('b', { priority: 5 }),
      call('c'),
      call('d', { priority: -5 }),
      call('e', { priority: 5 }),
    ];
    first.resolve('');
    for (const operation of waiting) operation.resolve('');
    await Promise.all(waiting.map(({ caller }) => caller));
    expect(started).toEqual(['first', 'b', 'e', 'a', 'c', 'd']);
  });

  it('has whoever came last of the lowest priority make room for a higher one in a full queue', async () => {
    const { clock, call, counts, started } = setup({ maxQueue: 3 });
    const first = call('first');
    const [high, early, late] = [call('high', { priority: 5 }), call('early'), call('late')];
    const higher = call('higher', { priority: 1 });
    await expect(late.caller).rejects.toMatchObject(full('displaced'));
    await expect(late.caller).rejects.toHaveProperty(
      'stack',
      expect.not.stringContaining('\n    at '),
    );
    expect(counts()).toEqual({ running: 1, queued: 3 });
    for (const { resolve } of [first, high, early, higher]) resolve('');
    await Promise.all([high, early, higher].map(({ caller }) => caller));
    expect(started).toEqual(['first', 'high', 'higher', 'early']);
    expect([counts(), clock.pendingTimers]).toEqual([{ running: 0, queued: 0 }, 0]);
  });

  it('lets nobody displace a call of the same or a higher priority, nor one that runs', async () => {
    const { call, counts } = setup({ maxQueue: 2 });
    for (const name of ['one', 'two', 'three']) call(name, { priority: 3 });
    for (const priority of [3, 2, 0, -1000]) {
      const refused = call('four', { priority }).caller;
      await expect(refused).rejects.toMatchObject(full('queueFull'));
    }
    const { call: callAlone } = setup({ maxQueue: 0 });
    callAlone('runs', { priority: -5 });
    await expect(callAlone('x', { priority: 5 }).caller).rejects.toMatchObject(full('queueFull'));
    expect(counts()).toEqual({ running: 1, queued: 2 });
  });

  it('tells one that was displaced nothing more if it gives up in that moment', async () => {
    const { clock, policy, call, counts } = setup({ maxQueue: 1 });
    const heard = recordPolicyEvents(policy.events, EVENTS);
    const controller = new AbortController();
    const first = call('first');
    const displaced = call('low', { signal: controller.signal });
    policy.events.on('queued', () => controller.abort());
    const high = call('high', { priority: 1 });
    await expect(displaced.caller).rejects.toMatchObject({ code: 'ABORTED' });
    first.resolve('');
    high.resolve('');
    await expect(high.caller).resolves.toBe('');
    expect([counts(), clock.pendingTimers]).toEqual([{ running: 0, queued: 0 }, 0]);
    expect(heard.filter(([name]) => name === 'refused')).toEqual([]);
  });

  it('sends a caller away that waited too long, at that very time', async () => {
    const { clock, call, counts, started } = setup({ maxQueueMs: 500 });
    const first = call('first');
    clock.advance(100);
    const late = call('late').caller;
    clock.advance(499);
    expect(counts().queued).toBe(1);
    clock.advance(1);
    expect(counts().queued).toBe(0);
    await expect(late).rejects.toMatchObject(full('waitedTooLong'));
    first.resolve('');
    await flush();
    expect([started, counts().running, clock.pendingTimers]).toEqual([['first'], 0, 0]);
  });

  it('lets a caller leave the queue by its signal or its own deadline', async () => {
    const { clock, call, counts, started } = setup();
    const first = call('first');
    const controller = new AbortController();
    const aborted = call('aborted', { signal: controller.signal }).caller;
    const late = call('late', { timeoutMs: 200 }).caller;
    const last = call('last');
    controller.abort('enough');
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    clock.advance(200);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(counts().queued).toBe(1);
    first.resolve('');
    last.resolve('');
    await last.caller;
    expect([started, counts(), clock.pendingTimers]).toEqual([
      ['first', 'last'],
      { running: 0, queued: 0 },
      0,
    ]);
  });

  it('lets nobody pass who came later than those that wait', async () => {
    const { policy, started, call } = setup();
    const first = call('first');
    call('second').resolve('');
    // The place is free and given on before the first caller hears of its result.
    const barging = first.caller.then(() => call('third'));
    first.resolve('');
    (await barging).resolve('');
    await flush();
    expect([started, policy.running]).toEqual([['first', 'second', 'third'], 0]);
  });

  it('lets nobody pass who calls in the moment in which a place becomes free', async () => {
    const { clock, policy, call, started } = setup();
    const outer = retry({ maxAttempts: 1, clock });
    outer.events.on('gaveUp', () => void call('third'));
    const first = call('first');
    const broken = safe(() => {
      throw new Error('at once');
    });
    pipeline([outer, policy])
      .execute(broken)
      .catch(() => {});
    call('second');
    first.resolve('');
    await flush();
    expect(started).toEqual(['first', 'second']);
    expect(policy.queued).toBe(1);
  });

  it('gives a place back that an operation which throws had', async () => {
    const { policy, counts } = setup({ maxQueue: 0 });
    const broken = () => {
      throw new Error('at once');
    };
    await expect(policy.execute(broken)).rejects.toThrow('at once');
    await expect(policy.execute(broken)).rejects.toThrow('at once');
    expect(counts()).toEqual({ running: 0, queued: 0 });
  });

  it('empties a long queue of calls that end at once, without going deeper for each', async () => {
    const { policy, call, counts } = setup({ maxQueue: 5000 });
    const first = call('first');
    const ended = vi.fn<() => void>();
    for (let waiting = 0; waiting < 5000; waiting += 1) {
      policy
        .execute(() => {
          throw new Error('at once');
        })
        .catch(ended);
    }
    first.resolve('');
    await flush();
    expect([ended.mock.calls.length, counts()]).toEqual([5000, { running: 0, queued: 0 }]);
  });

  it('serves as one, in whatever pipelines it stands', async () => {
    const { policy, call } = setup({ maxQueue: 0 });
    call('alone');
    const outer = pipeline([timeout({ timeoutMs: 50 }), policy]);
    await expect(outer.execute(() => 'in a pipeline')).rejects.toMatchObject(full('queueFull'));
  });
});

describe('the place of a call', () => {
  it('is held until the operation has really ended, though its caller was answered', async () => {
    const { policy, call, started } = setup();
    const abandoned = await abandon(call);
    call('next').resolve('');
    await flush();
    expect([started, policy.running, policy.abandoned]).toEqual([['abandoned'], 1, 1]);
    abandoned.reject(new Error('late'));
    await flush();
    expect([started, policy.running, policy.abandoned]).toEqual([['abandoned', 'next'], 0, 0]);
  });

  it('is given up after abandonAfterMs, and once only', async () => {
    const { clock, policy, call, started, counts } = setup({
      abandonAfterMs: 5000,
      maxQueueMs: 9000,
    });
    const abandoned = await abandon(call);
    const next = call('next');
    clock.advance(4999);
    expect(started).toEqual(['abandoned']);
    clock.advance(1);
    expect([started, policy.abandoned]).toEqual([['abandoned', 'next'], 0]);
    abandoned.resolve('at last');
    await flush();
    expect(counts()).toEqual({ running: 1, queued: 0 });
    next.resolve('');
    await flush();
    expect([counts().running, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('is free at once with abandonAfterMs 0', async () => {
    const { call, counts } = setup({ abandonAfterMs: 0 });
    await abandon(call);
    expect(counts().running).toBe(0);
  });

  it('is held for a time limit further in too, while its error is passed on at once', async () => {
    const { clock, policy } = setup();
    const limited = pipeline([policy, timeout({ timeoutMs: 100, clock })]);
    const operation = deferred();
    const caller = limited.execute(() => operation.promise);
    clock.advance(100);
    await expect(caller).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect([policy.running, policy.abandoned]).toEqual([1, 1]);
    operation.resolve('late');
    await flush();
    expect([policy.running, policy.abandoned]).toEqual([0, 0]);
  });

  it('inside a retry is free once its own try has ended, though an earlier one hangs', async () => {
    const { clock, policy } = setup({ maxConcurrent: 5 });
    const tries = pipeline([
      retry({ backoff: { kind: 'constant', delayMs: 10, jitter: 'none' }, clock }),
      policy,
      timeout({ timeoutMs: 100, clock }),
    ]);
    const caller = tries.execute(
      safe(({ attempt }) => (attempt === 1 ? new Promise<string>(() => {}) : 'second')),
    );
    await clock.advanceAsync(110);
    await expect(caller).resolves.toBe('second');
    expect([policy.running, policy.abandoned]).toEqual([1, 1]);
  });

  it.each(['first', 'hedge'] as const)(
    'inside a hedge is held by the %s only as long as its own operation runs',
    async (winner) => {
      const { clock, policy } = setup({ maxConcurrent: 5 });
      const operations = { first: deferred<string>(), hedge: deferred<string>() };
      const hedged = pipeline([hedge({ delayMs: 10, clock }), policy]);
      const caller = hedged.execute(
        safe(({ attempt }) => operations[attempt === 1 ? 'first' : 'hedge'].promise),
      );
      await clock.advanceAsync(10);
      expect(policy.running).toBe(2);
      operations[winner].resolve(winner);
      await expect(caller).resolves.toBe(winner);
      expect([policy.running, policy.abandoned]).toEqual([1, 1]);
      operations[winner === 'first' ? 'hedge' : 'first'].resolve('too late');
      await flush();
      expect(policy.running).toBe(0);
    },
  );

  it('around a retry is held until all tries have ended', async () => {
    const { clock, policy } = setup();
    const tries = pipeline([
      policy,
      retry({ backoff: { kind: 'constant', delayMs: 10, jitter: 'none' }, clock }),
      timeout({ timeoutMs: 100, clock }),
    ]);
    const hanging = deferred<string>();
    const caller = tries.execute(
      safe(({ attempt }) => (attempt === 1 ? hanging.promise : 'second')),
    );
    await clock.advanceAsync(110);
    await expect(caller).resolves.toBe('second');
    expect(policy.running).toBe(1);
    hanging.resolve('first');
    await flush();
    expect(policy.running).toBe(0);
  });

  it('is given back once, though its caller gives up between two tries', async () => {
    const { clock, policy, counts } = setup();
    const backoff = { kind: 'constant', jitter: 'none' } as const;
    const tries = pipeline([retry({ backoff, clock }), policy]);
    const controller = new AbortController();
    const failing = safe(() => Promise.reject(new Error('down')));
    const caller = tries.execute(failing, { signal: controller.signal });
    await flush();
    expect(counts().running).toBe(0);
    controller.abort();
    await expect(caller).rejects.toMatchObject({ code: 'ABORTED' });
    expect(counts().running).toBe(0);
  });

  it('is given back when a call is given up that runs nothing', async () => {
    const { clock, policy } = setup();
    const waiting = pipeline([
      policy,
      retry({ backoff: { kind: 'constant', jitter: 'none' }, clock }),
    ]);
    const controller = new AbortController();
    const caller = waiting.execute(
      safe(() => Promise.reject(new Error('down'))),
      { signal: controller.signal },
    );
    await flush();
    expect(policy.running).toBe(1);
    controller.abort();
    await expect(caller).rejects.toMatchObject({ code: 'ABORTED' });
    expect([policy.running, policy.abandoned]).toEqual([0, 0]);
  });
});

describe('the context of a caller that waits', () => {
  const storage = new AsyncLocalStorage<string>();

  it('is there when its operation begins, whoever made room', async () => {
    const { policy, call } = setup();
    const first = storage.run('first', () => call('first'));
    const seen = storage.run('second', () =>
      policy.execute(async () => {
        await flush();
        return storage.getStore();
      }),
    );
    storage.run('third', () => first.resolve(''));
    await expect(seen).resolves.toBe('second');
  });

  it('is there for a policy further out when it waited too long', async () => {
    const { clock, policy, call } = setup({ maxQueueMs: 100 });
    call('first');
    const seen: unknown[] = [];
    const outer = retry({
      maxAttempts: 2,
      clock,
      shouldRetry: () => {
        seen.push(storage.getStore());
        return false;
      },
    });
    const caller = storage.run('second', () =>
      pipeline([outer, policy]).execute(safe(() => 'never')),
    );
    storage.run('the timer', () => clock.advance(100));
    await expect(caller).rejects.toMatchObject(full('waitedTooLong'));
    expect(seen).toEqual(['second']);
  });
});

describe('a bulkhead tells', () => {
  it('who waits, is let in and is refused', async () => {
    const { clock, policy, call } = setup({ maxQueue: 1, maxQueueMs: 400 });
    const heard = recordPolicyEvents(policy.events, EVENTS);
    const first = call('first');
    call('second', { priority: 3 });
    call('third');
    clock.advance(250);
    call('urgent', { priority: 4 });
    first.resolve('');
    await flush();
    call('fourth');
    clock.advance(400);
    expect(heard).toEqual([
      ['admitted', { waitedMs: 0, running: 1 }],
      ['queued', { priority: 3, queued: 1 }],
      ['refused', { reason: 'queueFull', running: 1, queued: 1 }],
      ['queued', { priority: 4, queued: 1 }],
      ['refused', { reason: 'displaced', running: 1, queued: 1 }],
      ['admitted', { waitedMs: 0, running: 1 }],
      ['queued', { priority: 0, queued: 1 }],
      ['refused', { reason: 'waitedTooLong', running: 1, queued: 0 }],
    ]);
  });

  it('without harm from a listener that gives the call up', async () => {
    const { policy, call, counts, started } = setup();
    const controller = new AbortController();
    policy.events.on('admitted', () => controller.abort());
    await expect(call('given up', { signal: controller.signal }).caller).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect([started, counts()]).toEqual([[], { running: 0, queued: 0 }]);
  });

  it('without harm from a listener that gives up a call that begins to wait', async () => {
    const { policy, call, counts, started } = setup();
    const first = call('first');
    const controller = new AbortController();
    policy.events.on('queued', () => controller.abort());
    const caller = call('given up', { signal: controller.signal }).caller;
    await expect(caller).rejects.toMatchObject({ code: 'ABORTED' });
    first.resolve('');
    await flush();
    expect([started, counts()]).toEqual([['first'], { running: 0, queued: 0 }]);
  });
});

describe('a clock that sets no timer', () => {
  const broken: Clock = {
    now: () => 0,
    wallTime: () => 0,
    setTimer: () => {
      throw new Error('no timers today');
    },
  };

  it('lets nobody wait, for nobody could be sent away', async () => {
    const onListenerError = vi.fn<(failure: unknown) => void>();
    const { call } = setup({ clock: broken, onListenerError });
    call('first');
    await expect(call('second').caller).rejects.toMatchObject(full('queueFull'));
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith({
      kind: 'callback',
      name: 'clock',
      error: new Error('no timers today'),
    });
  });

  it('lets no place be held for good', async () => {
    const onListenerError = vi.fn<(failure: unknown) => void>();
    const { call, counts, policy } = setup({ clock: broken, onListenerError });
    await abandon(call);
    expect([counts().running, policy.abandoned]).toEqual([0, 0]);
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith({
      kind: 'callback',
      name: 'clock',
      error: new Error('no timers today'),
    });
  });
});

describe('the options of a bulkhead', () => {
  it.each([
    [{}, 'maxConcurrent'],
    [{ maxConcurrent: 0 }, 'maxConcurrent'],
    [{ maxConcurrent: 1.5 }, 'maxConcurrent'],
    [{ maxConcurrent: { kind: 'fixed' } }, 'maxConcurrent'],
    [{ maxConcurrent: null }, 'maxConcurrent'],
    [{ maxConcurrent: { kind: 'adaptive', min: 0 } }, 'maxConcurrent.min'],
    [{ maxConcurrent: { kind: 'adaptive', most: 9 } }, 'maxConcurrent.most'],
    [{ maxConcurrent: 1, maxQueue: -1 }, 'maxQueue'],
    [{ maxConcurrent: 1, maxQueueMs: 0 }, 'maxQueueMs'],
    [{ maxConcurrent: 1, abandonAfterMs: -1 }, 'abandonAfterMs'],
    [{ maxConcurrent: 1, maxQueue: 1.5 }, 'maxQueue'],
    [{ maxConcurrent: 1, limit: 5 }, 'limit'],
  ])('%j are refused because of %s', (options, option) => {
    expect(() => bulkhead(options as BulkheadOptions)).toThrow(InvalidOptionError);
    expect(() => bulkhead(options as BulkheadOptions)).toThrow(`Option '${option}'`);
  });

  it.each([
    [{ maxConcurrent: 0 }, 'a whole number from 1 to 100000 (calls)'],
    [{ maxConcurrent: 'ten' }, 'a whole number from 1 to 100000 (calls), or made by adaptive()'],
    [{ maxConcurrent: 1, maxQueue: -1 }, 'a whole number from 0 to 1000000 (calls)'],
    [{ maxConcurrent: 1, maxQueueMs: 0 }, 'a number above 0 to 2592000000 (ms)'],
    [{ maxConcurrent: 1, abandonAfterMs: -1 }, 'a number from 0 to 2592000000 (ms)'],
  ])('%j are refused with what is allowed: %s', (options, allowed) => {
    expect(() => bulkhead(options as BulkheadOptions)).toThrow(`must be ${allowed}; it is`);
  });
});
