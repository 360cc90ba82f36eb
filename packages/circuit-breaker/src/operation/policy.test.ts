import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import { bulkhead } from '../policy/bulkhead.js';
import { cache } from '../policy/cache.js';
import { coalesce } from '../policy/coalesce.js';
import { retry } from '../policy/retry.js';
import { timeout } from '../policy/timeout.js';
import { ManualClock } from '../testing/manual-clock.js';
import type { CallOptions } from './call.js';
import type { Layer } from './layer.js';
import { Policy } from './policy.js';
import { idempotent, safe } from './repeatable.js';

/** As a user writes one: doubles what comes, and tells of it. */
class Doubling extends Policy<never, false, { doubled: { readonly to: number } }> {
  readonly kind = 'fallback';
  readonly repeats = false;
  readonly runsLater = false;
  layers = 0;

  layer(next: Layer): Layer {
    this.layers += 1;
    return {
      run: (call, scope, sink) =>
        next.run(call, scope, {
          settled: (failed, value) => {
            const to = 2 * (value as number);
            if (!failed && this.isHeard('doubled')) this.emit('doubled', { to });
            sink.settled(failed, failed ? value : to);
          },
        }),
    };
  }
}

/** Gives `object` a `then` of its own, as clients of databases like to do. */
const withThen = <T>(object: object, then: (done: (value: T) => void) => void): Promise<T> => {
  // oxlint-disable-next-line unicorn/no-thenable -- to be a thenable is what is tested
  Object.defineProperty(object, 'then', { value: then });
  return object as Promise<T>;
};

const setup = () => {
  const clock = new ManualClock();
  return { clock, policy: timeout({ timeoutMs: 100, clock }), ...hanging() };
};

describe('a policy of one’s own', () => {
  it('does its work around every call, and is laid out once', async () => {
    const policy = new Doubling({});
    await expect(policy.execute(() => 2)).resolves.toBe(4);
    await expect(policy.execute(async () => 3)).resolves.toBe(6);
    expect(policy.layers).toBe(1);
  });

  it('tells its events to those who listen, and makes no emitter before', async () => {
    const policy = new Doubling({});
    await policy.execute(() => 2);
    const heard = vi.fn();
    policy.events.on('doubled', heard);
    await policy.execute(() => 3);
    expect(heard.mock.calls).toEqual([[{ to: 6 }]]);
    expect(policy.events).toBe(policy.events);
  });

  it('reports listeners that throw to its hook', async () => {
    const onListenerError = vi.fn();
    const policy = new Doubling({ onListenerError });
    policy.events.on('doubled', () => {
      throw new Error('listener is broken');
    });
    await expect(policy.execute(() => 3)).resolves.toBe(6);
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'listener', name: 'doubled' }]]);
  });
});

describe('execute', () => {
  it.each([
    [undefined, undefined, 'operation'],
    ['fetch', undefined, 'operation'],
    [() => 1, null, 'options'],
    [() => 1, { signal: {} }, 'signal'],
    [() => 1, { signal: null }, 'signal'],
    [() => 1, { timeoutMs: 0 }, 'timeoutMs'],
    [() => 1, { timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs'],
    [() => 1, { priority: 1.5 }, 'priority'],
    [() => 1, { priority: 1001 }, 'priority'],
    [() => 1, { key: ' ' }, 'key'],
    [() => 1, { key: 5 }, 'key'],
    [() => 1, { timeout: 5 }, 'timeout'],
  ])('rejects %o with %o, and never throws', async (operation, options, option) => {
    const { policy } = setup();
    const call = policy.execute(operation as never, options as CallOptions);
    await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
  });

  it('takes every option at its limits', async () => {
    const { policy } = setup();
    const options = {
      signal: new AbortController().signal,
      timeoutMs: 1,
      priority: -1000,
      key: 'k',
    };
    await expect(policy.execute(() => 1, options)).resolves.toBe(1);
    await expect(policy.execute(() => 1, { signal: undefined })).resolves.toBe(1);
  });

  it('takes a thenable, also one that settles at once or throws', async () => {
    const { policy } = setup();
    const down = new Error('down');
    await expect(policy.execute(() => withThen({}, (done) => done(1)))).resolves.toBe(1);
    await expect(
      policy.execute(() =>
        withThen({}, () => {
          throw down;
        }),
      ),
    ).rejects.toBe(down);
  });

  it('is not led astray by a promise whose then is not its own', async () => {
    const { policy } = setup();
    const other = deferred<string>();
    const calls = [
      policy.execute(() =>
        withThen<string>(Promise.resolve('mine'), (done) => {
          done('once');
          done('twice');
        }),
      ),
      policy.execute(() =>
        withThen<string>(Promise.resolve('mine'), () => {
          throw new Error('then is broken');
        }),
      ),
      policy.execute(() => other.promise),
    ];
    await flush();
    other.resolve('the other’s');
    await expect(Promise.all(calls)).resolves.toEqual(['mine', 'mine', 'the other’s']);
  });

  it('limits a single call by timeoutMs, waits and retries included', async () => {
    const clock = new ManualClock();
    const policy = retry({ clock, backoff: { kind: 'constant', delayMs: 60, jitter: 'none' } });
    const { operation, contexts } = hanging();
    const call = outcomeOf(policy.execute(operation, { timeoutMs: 80 }));
    await clock.advanceAsync(80);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 80 });
    expect(contexts[0]?.signal.reason).toBe(call.error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('may have another limit in every call', async () => {
    const { clock, policy, operation } = setup();
    const calls = [30, 10, 20].map((timeoutMs) =>
      outcomeOf(policy.execute(operation, { timeoutMs })),
    );
    await clock.advanceAsync(20);
    expect(calls.map(({ isSettled }) => isSettled)).toEqual([false, true, true]);
    await clock.advanceAsync(10);
    expect(calls.map(({ error }) => (error as { timeoutMs: number }).timeoutMs)).toEqual([
      30, 10, 20,
    ]);
  });
});

describe('the signal given to an operation', () => {
  it('is only made when it is read', async () => {
    const { policy } = setup();
    const make = vi.spyOn(globalThis, 'AbortController');
    try {
      await policy.execute(({ attempt, remainingMs }) => attempt + remainingMs);
      expect(make).not.toHaveBeenCalled();
      await policy.execute((context) => expect(context.signal).toBe(context.signal));
      expect(make).toHaveBeenCalledTimes(1);
    } finally {
      make.mockRestore();
    }
  });

  it('says what the caller’s signal says', async () => {
    const { policy, operation, contexts } = setup();
    const controller = new AbortController();
    const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    const seen = contexts[0]?.signal;
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(seen).toMatchObject({ aborted: true, reason: 'enough' });
    expect(contexts[0]?.signal).toBe(seen);
  });

  it('says so too where it is first read after the end', async () => {
    const { policy, operation, contexts } = setup();
    const controller = new AbortController();
    outcomeOf(policy.execute(operation, { signal: controller.signal }));
    controller.abort('enough');
    expect(contexts[0]?.signal).toMatchObject({ aborted: true, reason: 'enough' });
  });

  it('is not aborted once the call has ended, so that a body can still be read', async () => {
    const { clock, policy } = setup();
    const signal = await policy.execute((context) => context.signal);
    await clock.advanceAsync(1000);
    expect(signal.aborted).toBe(false);
  });
});

describe('a caller that gives up while its call is let in', () => {
  it('has nothing called, and nothing kept', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const policy = timeout({
      clock,
      timeoutMs: () => {
        controller.abort('too late');
        return 100;
      },
    });
    const { operation, contexts } = hanging();
    const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'too late' });
    expect(contexts).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('wrap', () => {
  it('keeps this and arguments', async () => {
    const { policy } = setup();
    const host = {
      base: 10,
      add: policy.wrap(async function (this: { base: number }, one: number, two: number) {
        return this.base + one + two;
      }),
    };
    await expect(host.add(1, 2)).resolves.toBe(13);
  });

  it('turns a throw into a rejection', async () => {
    const broken = setup().policy.wrap((): Promise<number> => {
      throw new Error('down');
    });
    await expect(broken()).rejects.toThrow('down');
  });

  it('refuses what is no function, and what may not be repeated', () => {
    expect(() => setup().policy.wrap(undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' }),
    );
    expect(() => retry().wrap((async () => 1) as never)).toThrow(
      expect.objectContaining({ code: 'NOT_REPEATABLE', policy: 'retry' }),
    );
  });

  it('makes each call anew', async () => {
    const clock = new ManualClock();
    const fn = vi.fn(async (n: number) => {
      if (fn.mock.calls.length % 2 === 1) throw new Error('odd');
      return n;
    });
    const wrapped = retry({ clock, backoff: { kind: 'constant', delayMs: 0 } }).wrap(
      idempotent(fn),
    );
    for (const n of [1, 2]) {
      const call = wrapped(n);
      await clock.advanceAsync(1);
      await expect(call).resolves.toBe(n);
    }
    expect(fn.mock.calls).toEqual([[1], [1], [2], [2]]);
  });

  it('runs later attempts in the caller’s async context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const clock = new ManualClock();
    const seen: unknown[] = [];
    const wrapped = retry({ clock }).wrap(
      safe(async () => {
        seen.push(storage.getStore());
        throw new Error('down');
      }),
    );
    storage.run('caller', () => outcomeOf(wrapped()));
    await clock.advanceAsync(100_000);
    expect(seen).toEqual(['caller', 'caller', 'caller']);
  });
});

describe('the options of a wrapped function', () => {
  const load = async (id: string) => ({ id });

  it('give a key, so that results are kept and runs are shared', async () => {
    for (const policy of [cache({ ttlMs: 1000 }), coalesce()]) {
      const fn = vi.fn(load);
      const wrapped = policy.wrap(fn, (id) => ({ key: `user:${id}` }));
      const [one, same, other] = await Promise.all([wrapped('1'), wrapped('1'), wrapped('2')]);
      expect(one).toBe(same);
      expect(other).toEqual({ id: '2' });
      expect(fn.mock.calls).toEqual([['1'], ['2']]);
    }
  });

  it('give a priority', async () => {
    const started: string[] = [];
    const first = deferred<void>();
    const wrapped = bulkhead({ maxConcurrent: 1, maxQueue: 2 }).wrap(
      async (name: string, _priority: number) => {
        started.push(name);
        await first.promise;
      },
      (_name, priority) => ({ priority }),
    );
    const calls = [wrapped('first', 0), wrapped('low', 1), wrapped('high', 2)];
    first.resolve();
    await Promise.all(calls);
    expect(started).toEqual(['first', 'high', 'low']);
  });

  it('give a time limit', async () => {
    const { clock, policy, operation } = setup();
    const wrapped = policy.wrap(
      async (_timeoutMs: number) => operation({} as never),
      (timeoutMs) => ({ timeoutMs }),
    );
    const call = outcomeOf(wrapped(30));
    await clock.advanceAsync(30);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 30 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('give a signal, which may be aborted already', async () => {
    const { policy } = setup();
    const fn = vi.fn((_signal: AbortSignal) => new Promise<never>(() => {}));
    const wrapped = policy.wrap(fn, (signal) => ({ signal }));
    const controller = new AbortController();
    const call = outcomeOf(wrapped(controller.signal));
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await expect(wrapped(controller.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['gives nothing', () => undefined],
    ['gives null', () => null],
    ['gives a blank key', () => ({ key: ' ' })],
    ['gives what is unknown', () => ({ timeout: 5 })],
    ['gives what is no signal', () => ({ signal: {} })],
    ['gives a promise', async () => ({ key: 'x' })],
    ['gives a promise that is rejected', () => Promise.reject(new Error('broken'))],
  ])('are left out, and that is reported, where their function %s', async (_how, optionsOf) => {
    const onListenerError = vi.fn();
    const fn = vi.fn(load);
    const wrapped = cache({ ttlMs: 1000, onListenerError }).wrap(fn, optionsOf as never);
    await expect(wrapped('1')).resolves.toEqual({ id: '1' });
    await expect(wrapped('1')).resolves.toEqual({ id: '1' });
    expect(fn).toHaveBeenCalledTimes(2);
    expect(onListenerError.mock.calls).toMatchObject(
      Array.from({ length: 2 }, () => [
        { kind: 'callback', name: 'optionsOf', error: expect.any(Error) },
      ]),
    );
  });

  it('that are none at all are reported as such', async () => {
    const onListenerError = vi.fn();
    for (const none of [null, undefined]) {
      await cache({ ttlMs: 1000, onListenerError }).wrap(load, () => none as never)('1');
    }
    expect(onListenerError.mock.calls).toMatchObject([
      [{ error: { code: 'INVALID_OPTION' } }],
      [{ error: { code: 'INVALID_OPTION' } }],
    ]);
  });

  it('may be left out, and nothing is reported', async () => {
    const onListenerError = vi.fn();
    await expect(cache({ ttlMs: 1000, onListenerError }).wrap(load)('1')).resolves.toEqual({
      id: '1',
    });
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('come from a function, or from none', () => {
    for (const optionsOf of [null, { key: 'x' }]) {
      expect(() => coalesce().wrap(load, optionsOf as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option: 'optionsOf' }),
      );
    }
  });
});
