import { describe, expect, it } from 'vitest';
import { down, fail, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { defaultClassify } from './default-classify.js';

const declined = new Error('card declined');

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
    expect(heard.at(-1)).toEqual(['lateResultDropped', { breaker: 'gateway', outcome: 'success' }]);
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
      ['lateResultDropped', { breaker: 'gateway', outcome: 'success' }],
      ['lateResultDropped', { breaker: 'gateway', outcome: 'failure' }],
      ['lateResultDropped', { breaker: 'gateway', outcome: 'ignored' }],
    ]);
    trial?.success();
    expect(breaker.state).toBe('closed');
  });
});

describe('a trial that is slow', () => {
  it('leaves room for another when it is ignored', () => {
    const clock = new ManualClock();
    const slowCalls = { thresholdMs: 100 };
    const breaker = new CircuitBreaker({ name: 'x', openForMs: 1000, slowCalls, clock });
    breaker.trip();
    clock.advance(1000);
    const slow = breaker.tryAcquire();
    clock.advance(100);
    slow?.ignore();
    expect(breaker.stats().trials).toEqual({ running: 0, succeeded: 0, failed: 0 });
  });

  it('has failed where slow calls are a reason to open', () => {
    const clock = new ManualClock();
    const slowCalls = { thresholdMs: 100 };
    const breaker = new CircuitBreaker({ name: 'x', openForMs: 1000, slowCalls, clock });
    breaker.trip();
    clock.advance(1000);
    const slow = breaker.tryAcquire();
    clock.advance(100);
    slow?.success();
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    for (let trial = 1; trial <= 3; trial += 1) breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });
});
