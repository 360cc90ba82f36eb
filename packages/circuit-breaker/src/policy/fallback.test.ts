import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { AbortedError, BreakerShutDownError, InvalidOptionError } from '../errors.js';
import { Call } from '../operation/call.js';
import type { Layer } from '../operation/layer.js';
import { Scope } from '../operation/scope.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import {
  BulkheadFullError,
  InjectedFaultError,
  NotRepeatableError,
  RateLimitedError,
} from './errors.js';
import { type FallbackOptions, type FallbackPolicy, fallback } from './fallback.js';
import type { Fallen } from './fallback-frame.js';
import { timeout } from './timeout.js';

const down = new Error('down');
const fail = () => Promise.reject(down);

const recordEvents = (policy: FallbackPolicy<unknown>) => {
  const heard: unknown[] = [];
  policy.events.on('fellBack', (payload) => heard.push(['fellBack', payload]));
  policy.events.on('exhausted', (payload) => heard.push(['exhausted', payload]));
  return heard;
};

describe('fallback', () => {
  it('lets a success through and asks nobody', async () => {
    const handler = vi.fn(() => 'cached');
    await expect(fallback(handler).execute(() => 1)).resolves.toBe(1);
    await expect(fallback(handler).execute(() => undefined)).resolves.toBeUndefined();
    expect(handler).not.toHaveBeenCalled();
  });

  it('answers with what its handler gives, now or later', async () => {
    await expect(fallback(() => 'cached').execute(fail)).resolves.toBe('cached');
    await expect(fallback(async () => 'cached').execute(fail)).resolves.toBe('cached');
    await expect(fallback(() => undefined).execute(fail)).resolves.toBeUndefined();
    await expect(
      fallback(() => 'cached').execute(() => {
        throw down;
      }),
    ).resolves.toBe('cached');
  });

  it('tells its handler what went wrong', async () => {
    const handler = vi.fn((_fallen: Fallen) => 'cached');
    const { clock, limit } = { clock: new ManualClock(), limit: 250 };
    await pipeline([timeout({ timeoutMs: limit, clock }), fallback(handler)]).execute(fail);
    const fallen = handler.mock.calls[0]?.[0];
    expect(fallen).toMatchObject({ error: down, reason: 'failure', handlerError: undefined });
    expect(fallen?.remainingMs).toBe(250);
    expect(fallen?.signal.aborted).toBe(false);
  });

  it('asks one handler after the other until one answers', async () => {
    const second = new Error('no cache either');
    const handlers = [
      vi.fn((_fallen: Fallen): string => {
        throw second;
      }),
      vi.fn((_fallen: Fallen) => Promise.reject<string>(undefined)),
      vi.fn((_fallen: Fallen) => 'default'),
      vi.fn((_fallen: Fallen) => 'never asked'),
    ] as const;
    const policy = fallback(...handlers);
    const heard = recordEvents(policy);
    await expect(policy.execute(fail)).resolves.toBe('default');
    expect(handlers.map(({ mock }) => mock.calls[0]?.[0])).toMatchObject([
      { error: down, handlerError: undefined },
      { error: down, handlerError: second },
      { error: down, reason: 'failure', handlerError: undefined },
      undefined as never,
    ]);
    expect(heard).toEqual([['fellBack', { error: down, reason: 'failure', handler: 3 }]]);
  });

  it('gives out what the last handler failed with', async () => {
    const last = new Error('last');
    const policy = fallback(fail, () => Promise.reject(last));
    const heard = recordEvents(policy);
    await expect(policy.execute(fail)).rejects.toBe(last);
    expect(heard).toEqual([['exhausted', { error: down, reason: 'failure', handlerError: last }]]);
  });

  it('tells of it before the caller knows', async () => {
    const policy = fallback(() => 'cached');
    let wasSettled: boolean | undefined;
    policy.events.on('fellBack', () => {
      wasSettled = call.isSettled;
    });
    const call = outcomeOf(policy.execute(fail));
    await flush();
    expect(wasSettled).toBe(false);
    expect(call.value).toBe('cached');
  });
});

describe('the reason', () => {
  const reasonOf = async (error: unknown) => {
    const seen: unknown[] = [];
    const policy = fallback({
      shouldHandle: ({ reason }) => seen.push(reason) > 0,
      handlers: [({ reason }) => seen.push(reason)],
    });
    await policy.execute(() => Promise.reject(error));
    expect(seen[0]).toBe(seen[1]);
    return seen[0];
  };

  it.each<[what: unknown, reason: string, error?: unknown]>([
    [new BreakerShutDownError({ breaker: 'x' }), 'open'],
    [new BulkheadFullError({ reason: 'queueFull' }), 'bulkheadFull'],
    [new RateLimitedError({ retryAfterMs: 1 }), 'rateLimited'],
    [new InjectedFaultError(), 'failure'],
    [new AbortedError({ reason: 1 }), 'aborted'],
    [new DOMException('', 'AbortError'), 'aborted'],
    [new DOMException('', 'TimeoutError'), 'timeout'],
    [down, 'failure'],
    [undefined, 'failure'],
    ['a trap', 'failure', new Proxy({}, { get: () => expect.unreachable() })],
  ])('of %o is %s', async (what, reason, error = what) => {
    await expect(reasonOf(error)).resolves.toBe(reason);
  });

  it('tells an open breaker from a time limit', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'x', minimumCalls: 1, clock });
    const around = pipeline([
      fallback(({ reason }) => reason),
      breaker,
      timeout({ timeoutMs: 100, clock }),
    ]);
    const call = outcomeOf(around.execute(hanging().operation));
    await clock.advanceAsync(100);
    expect(call.value).toBe('timeout');
    await expect(around.execute(() => 'called')).resolves.toBe('open');
  });
});

describe('whether to fall back', () => {
  it.each([
    ['an abort', new DOMException('', 'AbortError')],
    ['a call given up further in', new AbortedError({ reason: 'enough' })],
    ['a wrong option', new InvalidOptionError({ option: 'x', value: 1, allowed: 'y' })],
    ['an operation that may not be repeated', new NotRepeatableError({ policy: 'retry' })],
  ])('is no by default for %s', async (_what, error) => {
    const handler = vi.fn();
    await expect(fallback(handler).execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(handler).not.toHaveBeenCalled();
  });

  it('is asked of shouldHandle', async () => {
    const policy = fallback({
      handlers: [() => 'cached'],
      shouldHandle: ({ error, reason }) => error === down && reason === 'failure',
    });
    const other = new Error('other');
    await expect(policy.execute(fail)).resolves.toBe('cached');
    await expect(policy.execute(() => Promise.reject(other))).rejects.toBe(other);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('callback is broken');
      },
    ],
    ['gives a promise', () => Promise.reject(new Error('async'))],
    ['gives no boolean', () => 'yes'],
  ])('is no where shouldHandle %s, which is reported', async (_how, shouldHandle) => {
    const onListenerError = vi.fn();
    const policy = fallback({
      handlers: [() => 'cached'],
      shouldHandle: shouldHandle as never,
      onListenerError,
    });
    await expect(policy.execute(fail)).rejects.toBe(down);
    expect(onListenerError.mock.calls).toMatchObject([
      [{ kind: 'callback', name: 'shouldHandle' }],
    ]);
  });
});

describe('a caller who gives up', () => {
  const setup = () => {
    const controller = new AbortController();
    return { controller, options: { signal: controller.signal } };
  };

  it('is not answered from elsewhere', async () => {
    const { controller, options } = setup();
    const handler = vi.fn();
    const call = outcomeOf(fallback(handler).execute(hanging().operation, options));
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(handler).not.toHaveBeenCalled();
  });

  it('while a handler works has its signal aborted, and asks no further one', async () => {
    const { controller, options } = setup();
    const answer = deferred<string>();
    const next = vi.fn(() => 'next');
    let signal: AbortSignal | undefined;
    const policy = fallback((fallen) => {
      signal = fallen.signal;
      return answer.promise;
    }, next);
    const heard = recordEvents(policy);
    const call = outcomeOf(policy.execute(fail, options));
    await flush();
    controller.abort('enough');
    answer.reject(new Error('given up'));
    await flush();
    expect(signal).toMatchObject({ aborted: true, reason: 'enough' });
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(next).not.toHaveBeenCalled();
    expect(heard).toEqual([]);
  });

  it.each(['shouldHandle', 'fellBack', 'exhausted'] as const)(
    'in %s is answered once',
    async (where) => {
      const { controller, options } = setup();
      const abort = () => {
        controller.abort('enough');
        return true;
      };
      const handler = vi.fn(() => (where === 'exhausted' ? fail() : 'cached'));
      const policy = fallback({
        handlers: [handler],
        ...(where === 'shouldHandle' ? { shouldHandle: abort } : {}),
      });
      if (where !== 'shouldHandle') policy.events.on(where, abort);
      const call = outcomeOf(policy.execute(fail, options));
      await flush();
      expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
      expect(handler).toHaveBeenCalledTimes(where === 'shouldHandle' ? 0 : 1);
    },
  );
});

describe('a scope that is given up', () => {
  /** Settles a call inside with an error, gives the scope up in `where`, and gives what was settled around. */
  const settledAfter = async (where: 'handler' | 'fellBack' | 'exhausted') => {
    const scope = new Scope();
    const abort = () => scope.abort(new Error('given up'));
    const answer = deferred<string>();
    const policy = fallback(() => (where === 'exhausted' ? fail() : answer.promise));
    const heard = recordEvents(policy);
    if (where !== 'handler') policy.events.on(where, abort);
    const settled = vi.fn();
    const next: Layer = { run: (_call, _scope, sink) => sink.settled(true, down) };
    policy.layer(next).run(new Call(fail, {}, false), scope, { settled });
    if (where === 'handler') abort();
    answer.resolve('cached');
    await flush();
    return { settled, heard };
  };

  it.each([
    ['handler', 0],
    ['fellBack', 1],
    ['exhausted', 1],
  ] as const)('in %s settles nothing any more', async (where, events) => {
    const { settled, heard } = await settledAfter(where);
    expect(settled).not.toHaveBeenCalled();
    expect(heard).toHaveLength(events);
  });
});

describe('a time limit', () => {
  it('around it ends handlers too', async () => {
    const clock = new ManualClock();
    const call = outcomeOf(
      pipeline([timeout({ timeoutMs: 100, clock }), fallback(() => new Promise(() => {}))]).execute(
        fail,
      ),
    );
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('inside it runs its handler in the async context of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const clock = new ManualClock();
    const around = pipeline([
      fallback(() => storage.getStore()),
      timeout({ timeoutMs: 100, clock }),
    ]);
    const call = storage.run('caller', () => outcomeOf(around.execute(hanging().operation)));
    await clock.advanceAsync(100);
    expect(call.value).toBe('caller');
  });
});

describe('fallbacks in fallbacks', () => {
  it('are asked from the inside out', async () => {
    const inner = fallback(() => Promise.reject(new DOMException('', 'TimeoutError')));
    const outer = fallback(({ reason }) => reason);
    await expect(pipeline([outer, inner]).execute(fail)).resolves.toBe('timeout');
  });
});

describe('impossible options', () => {
  it.each([
    [{ handlers: [] }, 'handlers'],
    [{ handlers: ['cached'] }, 'handlers'],
    [{ handlers: fail }, 'handlers'],
    [{}, 'handlers'],
    [{ handlers: [fail], shouldHandle: true }, 'shouldHandle'],
    [{ handlers: [fail], shouldRetry: fail }, 'shouldRetry'],
    [undefined, 'options'],
    ['cached', 'options'],
  ])('%o are refused', (options, option) => {
    expect(() => fallback(options as unknown as FallbackOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it('are refused among handlers', () => {
    expect(() => fallback(() => 1, 'cached' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'handlers' }),
    );
    expect(() => fallback({ handlers: [() => 1] } as never, () => 1)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'handlers' }),
    );
  });

  it('do not change what was made', async () => {
    const handlers: [() => string, ...(() => string)[]] = [() => 'cached'];
    const policy = fallback({ handlers });
    handlers[0] = () => 'changed';
    await expect(policy.execute(fail)).resolves.toBe('cached');
  });
});
