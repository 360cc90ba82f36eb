import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { recordEvents } from '../../test/support/record-events.js';
import { AbortedError } from '../errors.js';
import type { CircuitBreakerOptions } from '../options.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { defaultClassify } from './default-classify.js';

const down = new Error('down');
const declined = new Error('card declined');
const fail = () => Promise.reject(down);
const succeed = () => Promise.resolve('ok');

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'gateway',
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 2 },
    clock,
    ...options,
  });
  const failTimes = async (times: number) => {
    for (let call = 0; call < times; call += 1) await breaker.execute(fail).catch(() => {});
  };
  return { clock, breaker, heard: recordEvents(breaker.events), failTimes };
};

/** A thenable that is no Promise. */
const asThenable = <T>(value: T): PromiseLike<T> =>
  // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
  Object.fromEntries([['then', (resolve: (value: T) => void) => resolve(value)]]) as never;

/** A breaker that has just become half-open. */
const setupHalfOpen = async (options: Partial<CircuitBreakerOptions> = {}) => {
  const parts = setup(options);
  await parts.failTimes(2);
  parts.clock.advance(1000);
  expect(parts.breaker.state).toBe('halfOpen');
  parts.heard.length = 0;
  return parts;
};

describe('while closed', () => {
  it('gives back what the operation gives, be it value, promise, thenable or error', async () => {
    const { breaker } = setup();
    const thenable = asThenable(3);
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    await expect(breaker.execute(() => Promise.resolve(2))).resolves.toBe(2);
    await expect(breaker.execute(() => thenable)).resolves.toBe(3);
    await expect(breaker.execute(() => undefined)).resolves.toBeUndefined();
    await expect(breaker.execute(fail)).rejects.toBe(down);
    await expect(
      breaker.execute(() => {
        throw down;
      }),
    ).rejects.toBe(down);
    expect(breaker.stats().totals).toMatchObject({ succeeded: 4, failed: 2 });
  });

  it('opens when the failure rate is reached', async () => {
    const { breaker, heard, failTimes } = setup({ minimumCalls: 4, failureRate: 0.75 });
    await failTimes(3);
    expect(breaker.state).toBe('closed');
    await breaker.execute(succeed);
    expect(breaker.state).toBe('open');
    expect(heard).toEqual([
      ['failed', { breaker: 'gateway', error: down }],
      ['failed', { breaker: 'gateway', error: down }],
      ['failed', { breaker: 'gateway', error: down }],
      ['succeeded', { breaker: 'gateway' }],
      [
        'opened',
        {
          breaker: 'gateway',
          from: 'closed',
          reason: 'failureRate',
          retryAfterMs: 1000,
          calls: 4,
          failures: 3,
        },
      ],
    ]);
  });

  it('has changed its state and told so before the caller knows', async () => {
    const { breaker, heard } = setup({ minimumCalls: 1 });
    const seen = await breaker.execute(fail).catch(() => heard.map(([name]) => name));
    expect(seen).toEqual(['failed', 'opened']);
  });

  it('does not count calls still running', async () => {
    const { breaker, failTimes } = setup({ minimumCalls: 4 });
    const slow = deferred();
    const running = Array.from({ length: 100 }, () => breaker.execute(() => slow.promise));
    await failTimes(4);
    expect(breaker.state).toBe('open');
    expect(breaker.stats().inFlight).toBe(100);
    slow.resolve('late');
    await Promise.all(running);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 0, late: 100 } });
  });

  it('uses a time window if told so', async () => {
    const { breaker, clock, failTimes } = setup({ window: { kind: 'time', durationMs: 1000 } });
    await failTimes(1);
    clock.advance(1000);
    await failTimes(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, failures: 1 } });
    clock.advance(500);
    await failTimes(1);
    expect(breaker.state).toBe('open');
  });
});

describe('while open', () => {
  it('calls nothing and says for how long', async () => {
    const { breaker, clock, heard, failTimes } = setup();
    await failTimes(2);
    heard.length = 0;
    clock.advance(400.5);
    const operation = vi.fn();
    await expect(breaker.execute(operation)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      breaker: 'gateway',
      reason: 'open',
      retryAfterMs: 600,
    });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.retryAfterMs()).toBe(600);
    expect(breaker.tryAcquire()).toBeUndefined();
    const payload = { breaker: 'gateway', reason: 'open', retryAfterMs: 600 };
    expect(heard).toEqual([
      ['rejected', payload],
      ['rejected', payload],
    ]);
    expect(breaker.stats().totals.rejected).toBe(2);
  });

  it('becomes half-open when the time is up, without a timer, by the next look at it', async () => {
    const { breaker, clock, heard, failTimes } = setup();
    await failTimes(2);
    heard.length = 0;
    expect(clock.pendingTimers).toBe(0);
    clock.advance(999);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    expect(heard).toEqual([]);
    expect(breaker.retryAfterMs()).toBe(0);
    expect(heard).toEqual([['halfOpened', { breaker: 'gateway', from: 'open' }]]);
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('while half-open', () => {
  it('closes after the trials succeed, with an empty window', async () => {
    const { breaker, heard } = await setupHalfOpen();
    await breaker.execute(succeed);
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 0, succeeded: 1 },
    });
    await breaker.execute(succeed);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0, failures: 0 } });
    expect(heard.at(-1)).toEqual([
      'closed',
      { breaker: 'gateway', from: 'halfOpen', reason: 'trialsSucceeded' },
    ]);
  });

  it('opens again for the full time when one trial fails', async () => {
    const { breaker, clock, heard } = await setupHalfOpen();
    clock.advance(5000);
    await breaker.execute(succeed);
    await expect(breaker.execute(fail)).rejects.toBe(down);
    expect(heard.at(-1)).toMatchObject([
      'opened',
      { from: 'halfOpen', reason: 'trialFailed', retryAfterMs: 1000 },
    ]);
    expect(breaker.retryAfterMs()).toBe(1000);
  });

  it('lets only so many trials run at once', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 3, maxConcurrent: 2 } });
    const first = deferred();
    const calls = [first, deferred()].map(({ promise }) => breaker.execute(() => promise));
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      reason: 'trialsBusy',
      retryAfterMs: 1000,
    });
    first.resolve('ok');
    await calls[0];
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });

  it('lets no more trials run than it needs', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 2, maxConcurrent: 2 } });
    await breaker.execute(succeed);
    const running = breaker.tryAcquire();
    expect(breaker.tryAcquire()).toBeUndefined();
    running?.success();
    expect(breaker.state).toBe('closed');
  });

  it('gives the place of an ignored trial to the next', async () => {
    const { breaker } = await setupHalfOpen({
      halfOpen: { trials: 1 },
      classify: (settled) =>
        settled.status === 'rejected' && settled.error === declined
          ? 'ignored'
          : defaultClassify(settled),
    });
    await expect(breaker.execute(() => Promise.reject(declined))).rejects.toBe(declined);
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 0, succeeded: 0 },
    });
    await breaker.execute(succeed);
    expect(breaker.state).toBe('closed');
  });

  it('opens again when trials run for too long, as of that moment', async () => {
    const { breaker, clock, heard } = await setupHalfOpen({ halfOpen: { maxDurationMs: 500 } });
    const stuck = deferred();
    const trial = breaker.execute(() => stuck.promise);
    clock.advance(499);
    expect(breaker.state).toBe('halfOpen');
    clock.advance(101);
    expect(breaker.retryAfterMs()).toBe(900);
    expect(heard).toMatchObject([['opened', { reason: 'trialsTimedOut', retryAfterMs: 900 }]]);
    stuck.resolve('at last');
    await expect(trial).resolves.toBe('at last');
    expect(heard.at(-1)).toEqual(['lateResult', { breaker: 'gateway', outcome: 'success' }]);
    expect(breaker.state).toBe('open');
  });

  it('measures that time from the oldest trial that still runs', async () => {
    const { breaker, clock } = await setupHalfOpen({
      halfOpen: { trials: 3, maxConcurrent: 2, maxDurationMs: 500 },
    });
    breaker.tryAcquire();
    clock.advance(400);
    const younger = breaker.tryAcquire();
    expect(younger).toBeDefined();
    clock.advance(100);
    expect(breaker.state).toBe('open');
  });

  it('is open and half-open again if nobody looked for long', async () => {
    const { breaker, clock, heard } = await setupHalfOpen({ halfOpen: { maxDurationMs: 500 } });
    breaker.tryAcquire();
    clock.advance(3_600_000);
    expect(breaker.state).toBe('halfOpen');
    expect(heard.map(([name]) => name)).toEqual(['opened', 'halfOpened']);
    expect(heard[0]?.[1]).toMatchObject({ retryAfterMs: 0 });
  });

  it('stays so without calls, for no length of time', async () => {
    const { breaker, clock, heard } = await setupHalfOpen({ halfOpen: { maxDurationMs: 500 } });
    clock.advance(3_600_000);
    expect(breaker.state).toBe('halfOpen');
    const trial = breaker.tryAcquire();
    clock.advance(499);
    trial?.ignore();
    clock.advance(499);
    expect(breaker.state).toBe('halfOpen');
    expect(heard.map(([name]) => name)).toEqual(['ignored']);
  });
});

describe('late results', () => {
  it('of a call begun before the last change touch neither count, permit nor state', async () => {
    const { breaker, clock, heard, failTimes } = setup({ halfOpen: { trials: 1 } });
    const late = { success: deferred(), failure: deferred() };
    const begun = [
      breaker.execute(() => late.success.promise),
      breaker.execute(() => late.failure.promise).catch(() => {}),
    ];
    const cancelled = breaker.tryAcquire();
    await failTimes(2);
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    expect(trial).toBeDefined();
    heard.length = 0;
    late.success.resolve('ok');
    late.failure.reject(down);
    await Promise.all(begun);
    cancelled?.ignore();
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 1, succeeded: 0 },
      inFlight: 1,
      totals: { late: 3 },
    });
    expect(heard).toEqual([
      ['lateResult', { breaker: 'gateway', outcome: 'success' }],
      ['lateResult', { breaker: 'gateway', outcome: 'failure' }],
      ['lateResult', { breaker: 'gateway', outcome: 'ignored' }],
    ]);
    trial?.success();
    expect(breaker.state).toBe('closed');
  });
});

describe('permits', () => {
  it('report success, failure with its error, or nothing', () => {
    const { breaker, heard } = setup();
    const permits = [breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()];
    permits[0]?.success();
    permits[1]?.ignore();
    permits[2]?.failure(down);
    expect(heard).toEqual([
      ['succeeded', { breaker: 'gateway' }],
      ['ignored', { breaker: 'gateway', error: undefined }],
      ['failed', { breaker: 'gateway', error: down }],
      [
        'opened',
        {
          breaker: 'gateway',
          from: 'closed',
          reason: 'failureRate',
          retryAfterMs: 1000,
          calls: 2,
          failures: 1,
        },
      ],
    ]);
  });

  it('count once, however often they are settled', () => {
    const { breaker } = setup({ minimumCalls: 5 });
    const permit = breaker.tryAcquire();
    permit?.success();
    permit?.failure();
    permit?.ignore();
    permit?.[Symbol.dispose]();
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      totals: { succeeded: 1, failed: 0, ignored: 0, late: 0 },
    });
  });

  it('are ignored when disposed of without a report', () => {
    const { breaker } = setup();
    {
      using permit = breaker.tryAcquire();
      expect(permit).toBeDefined();
      expect(breaker.stats().inFlight).toBe(1);
    }
    {
      using permit = breaker.tryAcquire();
      permit?.success();
    }
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 1, ignored: 1 } });
  });

  it('can be passed on as bare functions', () => {
    const { breaker } = setup();
    const permit = breaker.tryAcquire();
    const report = permit?.success.bind(permit);
    report?.();
    expect(breaker.stats().totals.succeeded).toBe(1);
  });
});

describe('the caller’s signal', () => {
  it('already aborted takes no permit and calls nothing', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 1 } });
    const operation = vi.fn();
    const signal = AbortSignal.abort('changed my mind');
    const call = breaker.execute(operation, { signal });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'changed my mind' });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { ignored: 0, rejected: 0 } });
  });

  it('aborted in a trial ends the call at once, neither closes nor opens, and frees the place', async () => {
    const { breaker, heard } = await setupHalfOpen({ halfOpen: { trials: 1 } });
    const controller = new AbortController();
    const stuck = deferred();
    const call = breaker.execute(() => stuck.promise, { signal: controller.signal });
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 0 },
      inFlight: 0,
    });
    stuck.reject(down);
    await flush();
    expect(heard.map(([name]) => name)).toEqual(['ignored']);
  });

  it('aborted leaves what the operation still brings to nobody, not even to classify', async () => {
    const classify = vi.fn(() => 'failure' as const);
    const { breaker } = setup({ classify });
    const controller = new AbortController();
    const work = deferred();
    const call = breaker.execute(() => work.promise, controller);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    work.resolve('ok');
    await flush();
    expect(classify).not.toHaveBeenCalled();
  });

  it('is what the operation is given', async () => {
    const { breaker } = setup();
    const { signal } = new AbortController();
    await breaker.execute((context) => expect(context.signal).toBe(signal), { signal });
    await breaker.execute((context) => {
      expect(context.signal.aborted).toBe(false);
      expect(context.signal).toBe(context.signal);
    });
    expect.assertions(3);
  });

  it('keeps no listener when the call is over', async () => {
    const { breaker } = setup({ minimumCalls: 100 });
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    await breaker.execute(succeed, { signal });
    await breaker.execute(fail, { signal }).catch(() => {});
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls.map((call) => call[1])).toEqual(add.mock.calls.map((call) => call[1]));
  });

  it('aborted by a listener while the breaker decides gives the permit back', async () => {
    const { breaker, clock, failTimes } = setup();
    await failTimes(2);
    clock.advance(1000);
    const controller = new AbortController();
    breaker.events.on('halfOpened', () => controller.abort('now'));
    const operation = vi.fn();
    await expect(breaker.execute(operation, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({ trials: { running: 0 }, inFlight: 0 });
  });

  it.each([
    ['operation', [undefined]],
    ['signal', [() => 1, { signal: {} }]],
  ])('or an impossible %s is refused before a permit is taken', async (option, args) => {
    const { breaker } = setup();
    const call = breaker.execute(...(args as unknown as Parameters<typeof breaker.execute>));
    await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { failed: 0 } });
  });
});

describe('classify', () => {
  it('decides by value or error', async () => {
    const { breaker, heard } = setup({
      minimumCalls: 10,
      classify: (settled) => {
        if (settled.status === 'fulfilled') return settled.value === 503 ? 'failure' : 'success';
        return settled.error === down ? 'failure' : 'ignored';
      },
    });
    await expect(breaker.execute(() => 503)).resolves.toBe(503);
    await breaker.execute(() => 200);
    await breaker.execute(fail).catch(() => {});
    await breaker.execute(() => Promise.reject(new Error('card declined'))).catch(() => {});
    expect(heard.map(([name]) => name)).toEqual(['failed', 'succeeded', 'failed', 'ignored']);
    expect(heard[0]?.[1]).toEqual({ breaker: 'gateway', error: undefined });
  });

  it('ignores by default a call that its caller aborted further in', async () => {
    const { breaker } = setup();
    const aborted = new AbortedError({ reason: 'inner' });
    await expect(breaker.execute(() => Promise.reject(aborted))).rejects.toBe(aborted);
    expect(breaker.stats().totals).toMatchObject({ ignored: 1, failed: 0 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('classifier is broken');
      },
      'classifier is broken',
    ],
    [
      'returns no outcome',
      () => 'fine' as never,
      "classify must return 'success', 'failure' or 'ignored'.",
    ],
    [
      'returns a promise',
      () => Promise.reject(new Error('async')) as never,
      /^classify must return/,
    ],
  ])('that %s is reported, and the call counts as by default', async (_how, classify, message) => {
    const onListenerError = vi.fn();
    const { breaker } = setup({ classify, onListenerError, minimumCalls: 10 });
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    await expect(breaker.execute(fail)).rejects.toBe(down);
    await flush();
    expect(breaker.stats().totals).toMatchObject({ succeeded: 1, failed: 1 });
    expect(onListenerError).toHaveBeenCalledTimes(2);
    expect(onListenerError.mock.calls[0]?.[0]).toMatchObject({
      kind: 'callback',
      name: 'classify',
      error: { message: expect.stringMatching(message) },
    });
  });
});

describe('by hand', () => {
  it('is held open until it is released', async () => {
    const { breaker, clock, heard } = setup();
    breaker.forceOpen();
    breaker.forceOpen();
    clock.advance(3_600_000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      reason: 'heldOpen',
      retryAfterMs: 1000,
    });
    expect(breaker.stats()).toMatchObject({ state: 'open', held: true });
    breaker.reset();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ state: 'closed', held: false });
    expect(heard.map(([name, payload]) => [name, 'reason' in payload && payload.reason])).toEqual([
      ['opened', 'forced'],
      ['rejected', 'heldOpen'],
      ['closed', 'reset'],
      ['succeeded', false],
    ]);
  });

  it('is held closed whatever fails, until it is released', async () => {
    const { breaker, heard, failTimes } = setup();
    await failTimes(2);
    heard.length = 0;
    breaker.forceClosed();
    expect(heard).toEqual([['closed', { breaker: 'gateway', from: 'open', reason: 'forced' }]]);
    await failTimes(50);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: true,
      window: { failures: 50 },
    });
    breaker.reset();
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: false,
      window: { failures: 0 },
    });
    await failTimes(2);
    expect(breaker.state).toBe('open');
  });

  it('forgets counted calls by reset, and does not count those still running', async () => {
    const { breaker, heard, failTimes } = setup();
    const running = breaker.tryAcquire();
    await failTimes(1);
    breaker.reset();
    running?.failure(down);
    await failTimes(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, failures: 1 } });
    expect(heard.map(([name]) => name)).toEqual(['failed', 'lateResult', 'failed']);
  });

  it('held open while trials run makes their results late', async () => {
    const { breaker } = await setupHalfOpen();
    const trial = breaker.tryAcquire();
    breaker.forceOpen();
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'open', held: true, totals: { late: 1 } });
  });
});

describe('listeners', () => {
  it('that change the breaker leave every other listener with one order of events', async () => {
    const { breaker, failTimes } = setup();
    breaker.events.on('opened', () => breaker.reset());
    const heard = recordEvents(breaker.events);
    await failTimes(2);
    expect(heard.map(([name]) => name)).toEqual(['failed', 'failed', 'opened', 'closed']);
    expect(breaker.state).toBe('closed');
  });

  it('that hold the breaker open as it becomes half-open keep the call out', async () => {
    const { breaker, clock, failTimes } = setup();
    await failTimes(2);
    breaker.events.on('halfOpened', () => breaker.forceOpen());
    clock.advance(1000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'heldOpen' });
    expect(breaker.stats().inFlight).toBe(0);
  });
});

describe('statistics', () => {
  it('tell the rate, the trials and the totals', async () => {
    const { breaker } = setup({ minimumCalls: 10 });
    expect(breaker.stats()).toEqual({
      state: 'closed',
      held: false,
      retryAfterMs: 0,
      inFlight: 0,
      window: { calls: 0, failures: 0, failureRate: 0 },
      trials: undefined,
      totals: { succeeded: 0, failed: 0, ignored: 0, rejected: 0, late: 0 },
    });
    breaker.tryAcquire()?.failure();
    for (let call = 0; call < 3; call += 1) breaker.tryAcquire()?.success();
    expect(breaker.stats().window).toEqual({ calls: 4, failures: 1, failureRate: 0.25 });
  });
});
