import { describe, expect, it } from 'vitest';
import { setup as setupBreaker, succeed } from '../../test/support/breaker-setup.js';
import type { CircuitBreakerOptions } from '../options.js';

/** A breaker whose one trial has just succeeded: it lets a tenth of the calls through, and all after 900 ms. */
const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const parts = setupBreaker({
    halfOpen: { trials: 1 },
    rampUp: { initialShare: 0.1, durationMs: 1000 },
    minimumCalls: 10,
    ...options,
  });
  const { breaker, clock, heard } = parts;
  breaker.trip();
  clock.advance(1000);
  breaker.tryAcquire()?.success();
  const begun = heard.splice(0);
  /** How many of `calls` were let through; each succeeds at once. */
  const admitted = (calls: number) => {
    const before = breaker.stats().totals.succeeded;
    for (let call = 0; call < calls; call += 1) breaker.tryAcquire()?.success();
    return breaker.stats().totals.succeeded - before;
  };
  const share = () => breaker.stats().share;
  return { ...parts, begun, admitted, share };
};

describe('ramping up', () => {
  it('begins after the trials, and looks half-open', () => {
    const { breaker, begun } = setup();
    expect(begun.map(([name]) => name)).toEqual([
      'opened',
      'halfOpened',
      'succeeded',
      'rampUpStarted',
    ]);
    expect(begun.at(-1)).toEqual(['rampUpStarted', { breaker: 'gateway', from: 'halfOpen' }]);
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      share: 0.1,
      trials: undefined,
      held: undefined,
      retryAfterMs: 0,
    });
  });

  it('lets the share of the calls through, evenly, the first of them at once', () => {
    const { breaker } = setup({ rampUp: { initialShare: 0.125, durationMs: 1000 } });
    const results = Array.from({ length: 30 }, () => {
      const permit = breaker.tryAcquire();
      permit?.success();
      return permit !== undefined;
    });
    expect(results.flatMap((was, index) => (was ? [index] : []))).toEqual([0, 8, 16, 24]);
  });

  it('refuses the others as rampingUp, with a wait that is no promise', async () => {
    const { breaker, heard } = setup();
    breaker.tryAcquire();
    heard.length = 0;
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      reason: 'rampingUp',
      retryAfterMs: 1000,
    });
    expect(heard).toEqual([
      ['rejected', { breaker: 'gateway', reason: 'rampingUp', retryAfterMs: 1000 }],
    ]);
  });

  it('grows with time alone', () => {
    const { clock, admitted, share } = setup();
    expect(admitted(1000)).toBe(100);
    clock.advance(400);
    expect(share()).toBeCloseTo(0.5, 9);
    expect(admitted(1000)).toBeCloseTo(500, -1);
    clock.advance(400);
    expect(share()).toBeCloseTo(0.9, 9);
    expect(admitted(1000)).toBeCloseTo(900, -1);
  });

  it('ends closed when the share has grown to all, and keeps what was counted', () => {
    const { breaker, clock, heard, admitted } = setup();
    clock.advance(899);
    const calls = admitted(5);
    expect(breaker.state).toBe('halfOpen');
    heard.length = 0;
    clock.advance(1);
    expect(breaker.state).toBe('closed');
    expect(heard).toEqual([
      ['closed', { breaker: 'gateway', from: 'halfOpen', reason: 'rampedUp' }],
    ]);
    expect(breaker.stats()).toMatchObject({ share: undefined, window: { calls } });
    expect(admitted(100)).toBe(100);
  });

  it('ends closed at the next look, however long nobody called', () => {
    const { breaker, clock } = setup();
    clock.advance(3_600_000);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.state).toBe('closed');
  });

  it('counts the calls that end after it, for they began in it', async () => {
    const { breaker, clock } = setup();
    const running = breaker.tryAcquire();
    clock.advance(1000);
    expect(breaker.state).toBe('closed');
    running?.failure();
    expect(breaker.stats()).toMatchObject({ window: { failures: 1 }, totals: { late: 0 } });
  });

  it('takes the results of the trials that were still running for late', () => {
    const parts = setupBreaker({
      rampUp: {},
      halfOpen: { trials: 2, successRate: 0.5, maxConcurrent: 2 },
    });
    parts.breaker.trip();
    parts.clock.advance(1000);
    const [first, second] = [parts.breaker.tryAcquire(), parts.breaker.tryAcquire()];
    first?.success();
    second?.failure();
    expect(parts.breaker.stats()).toMatchObject({
      share: 0.1,
      window: { calls: 0 },
      totals: { late: 1 },
    });
  });
});

describe('a failure while ramping up', () => {
  it('halves the share, which then grows from there', () => {
    const { breaker, clock, share } = setup();
    clock.advance(700);
    const failing = breaker.tryAcquire();
    expect(share()).toBeCloseTo(0.8, 9);
    failing?.failure();
    expect(share()).toBeCloseTo(0.4, 9);
    clock.advance(500);
    expect(share()).toBeCloseTo(0.9, 9);
    clock.advance(100);
    expect(breaker.state).toBe('closed');
  });

  it('leaves at least the share of the beginning', () => {
    const { breaker, clock, share } = setup();
    clock.advance(50);
    breaker.tryAcquire()?.failure();
    expect(share()).toBe(0.1);
  });

  it('does not reach a breaker that ramps up already through calls begun before', () => {
    const parts = setupBreaker({ rampUp: {}, halfOpen: { trials: 1 } });
    const late = parts.breaker.tryAcquire();
    parts.breaker.trip();
    parts.clock.advance(1000);
    parts.breaker.tryAcquire()?.success();
    parts.clock.advance(15_000);
    late?.failure();
    expect(parts.breaker.stats().share).toBeCloseTo(0.6, 9);
  });

  it('that is ignored changes nothing', () => {
    const { breaker, clock, share } = setup();
    clock.advance(700);
    breaker.tryAcquire()?.ignore();
    expect(share()).toBeCloseTo(0.8, 9);
  });
});

describe('the rules while ramping up', () => {
  it('open it again, by the calls of this time alone', () => {
    const { breaker, clock, heard } = setup({ minimumCalls: 4 });
    clock.advance(800);
    const permits = Array.from({ length: 4 }, () => breaker.tryAcquire());
    for (const permit of permits) permit?.failure();
    expect(heard.at(-1)).toMatchObject([
      'opened',
      { from: 'halfOpen', reason: 'failureRate', calls: 4, failures: 4 },
    ]);
    expect(breaker.stats()).toMatchObject({ state: 'open', share: undefined });
  });

  it('make the wait longer, for it was not closed in between', () => {
    const { breaker, clock } = setup({
      openForMs: { kind: 'exponential', initialMs: 1000, jitter: 'none' },
      consecutiveFailures: 1,
    });
    breaker.tryAcquire()?.failure();
    expect(breaker.retryAfterMs()).toBe(2000);
    clock.advance(2000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('see slow calls, also those that still run', () => {
    const { breaker, clock } = setup({
      minimumCalls: 2,
      slowCalls: { thresholdMs: 100, rate: 1 },
    });
    clock.advance(600);
    breaker.tryAcquire();
    breaker.tryAcquire();
    expect(breaker.stats().inFlight).toBe(2);
    clock.advance(100);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.state).toBe('open');
  });
});

describe('changes while ramping up', () => {
  it('by hand begin anew: trip opens, holds hold, reset closes', () => {
    const tripped = setup();
    tripped.breaker.trip();
    expect(tripped.breaker.stats()).toMatchObject({ state: 'open', share: undefined });
    const held = setup();
    held.breaker.holdOpen().release();
    expect(held.breaker.stats()).toMatchObject({ state: 'halfOpen', share: undefined });
    const closed = setup();
    closed.breaker.reset();
    expect(closed.breaker.state).toBe('closed');
  });

  it('by update to none end it', () => {
    const { breaker, heard } = setup();
    heard.length = 0;
    breaker.update({ rampUp: false });
    expect(breaker.state).toBe('closed');
    expect(heard).toMatchObject([
      ['closed', { reason: 'rampedUp' }],
      ['updated', { changes: { rampUp: false } }],
    ]);
  });

  it('by update to a shorter time grow faster from now on', () => {
    const { breaker, clock, share } = setup();
    clock.advance(100);
    breaker.update({ rampUp: { durationMs: 500 } });
    expect(share()).toBeCloseTo(0.2, 9);
    clock.advance(200);
    expect(share()).toBeCloseTo(0.6, 9);
    clock.advance(200);
    expect(breaker.state).toBe('closed');
  });
});

describe('callers that wait when it begins', () => {
  it('are let in by the share, and the others refused: there is no place to wait for', async () => {
    const parts = setupBreaker({
      halfOpen: { trials: 1, maxWaiting: 20 },
      rampUp: { initialShare: 0.1, durationMs: 1000 },
    });
    const { breaker, clock } = parts;
    breaker.trip();
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    const calls = Array.from({ length: 20 }, () => breaker.execute(succeed));
    trial?.success();
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 2 });
    expect(breaker.mayWait).toBe(false);
    const ended = await Promise.allSettled(calls);
    const refused = ended.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(18);
    expect(refused[0]).toMatchObject({ reason: { reason: 'rampingUp' } });
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'rampingUp' });
  });
});
