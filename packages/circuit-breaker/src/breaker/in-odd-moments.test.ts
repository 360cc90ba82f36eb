import { describe, expect, it } from 'vitest';
import { down, setup, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import type { BreakerOpenError } from '../errors.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { exportState, importState } from './snapshot.js';

const reasonOf = (error: Error) => (error as BreakerOpenError).reason;

describe('what is due', () => {
  it('is made before a breaker is opened by hand', () => {
    const { breaker, clock, heard } = setup();
    breaker.trip();
    // Without a timer nothing has been looked at.
    clock.jump(1000);
    heard.length = 0;
    breaker.trip();
    expect(heard).toMatchObject([
      ['halfOpened', { from: 'open' }],
      ['opened', { from: 'halfOpen' }],
    ]);
    expect(breaker.stats().totals.opened).toBe(2);
  });

  it.each([
    ['its numbers', ({ breaker }: Parts) => breaker.stats().state, 'halfOpen'],
    ['why it refuses', ({ breaker }: Parts) => reasonOf(breaker.openError()), 'trialsBusy'],
    ['whether calls may wait', ({ breaker }: Parts) => breaker.mayWait, true],
  ])('is made before it is asked for %s', (_what, ask, answer) => {
    const parts = setup({ halfOpen: { trials: 1, maxWaiting: 1 } });
    parts.breaker.trip();
    parts.clock.jump(1000);
    expect(ask(parts)).toBe(answer);
  });

  it('is made, and told, before a result that comes too late', () => {
    const { breaker, clock, heard } = setup({ halfOpen: { trials: 1, maxDurationMs: 500 } });
    breaker.trip();
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    clock.advance(500);
    heard.length = 0;
    trial?.success();
    expect(heard).toMatchObject([
      ['opened', { reason: 'trialsTimedOut' }],
      ['lateResultDropped', { outcome: 'success' }],
    ]);
    expect(breaker.stats()).toMatchObject({ state: 'open', totals: { late: 1, succeeded: 0 } });
  });

  it('to be told is told with the call that caused it', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'x', minimumCalls: 2, failureRate: 0.5, clock });
    const told: string[] = [];
    breaker.events.on('opened', ({ reason }) => told.push(reason));
    await breaker.execute(() => Promise.reject(down)).catch(() => {});
    await breaker.execute(succeed);
    expect(told).toEqual(['failureRate']);
  });
});

type Parts = ReturnType<typeof setup>;

const closedState = () => exportState(setup().breaker);

describe('a breaker that is shut down while it asks how long to stay open', () => {
  it.each([
    ['held open', ({ breaker }: Parts) => void breaker.holdOpen()],
    ['held closed', ({ breaker }: Parts) => void breaker.holdClosed()],
    ['restored', ({ breaker }: Parts) => importState(breaker, closedState())],
    ['reset', ({ breaker }: Parts) => breaker.reset()],
    ['shut down', ({ breaker }: Parts) => breaker.shutDown()],
  ])('stays so, though it is to be %s', (_what, change) => {
    let isLast = false;
    const parts: Parts = setup({
      halfOpen: { trials: 1, maxDurationMs: 500 },
      openForMs: () => {
        if (isLast) parts.breaker.shutDown();
        return 1000;
      },
    });
    const { breaker, clock } = parts;
    breaker.trip();
    clock.advance(1000);
    breaker.tryAcquire();
    clock.advance(500);
    isLast = true;
    change(parts);
    expect(breaker.isShutDown).toBe(true);
    expect(breaker.tryAcquire()).toBeUndefined();
  });
});

describe('a function that is asked how long to stay open', () => {
  it('may use the breaker, and is asked once', () => {
    let asked = 0;
    const parts: Parts = setup({
      minimumCalls: 1,
      openForMs: () => {
        asked += 1;
        if (asked < 10) parts.breaker.tryAcquire()?.failure();
        return 5;
      },
    });
    parts.breaker.tryAcquire()?.failure();
    expect(asked).toBe(1);
    expect(parts.breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 5 });
  });

  it('may hold it closed, which stands', () => {
    const parts: Parts = setup({
      minimumCalls: 1,
      openForMs: () => {
        parts.breaker.holdClosed();
        return 5;
      },
    });
    parts.breaker.tryAcquire()?.failure();
    expect(parts.breaker.stats()).toMatchObject({ state: 'closed', held: 'closed' });
  });
});

describe('an update', () => {
  it('of a breaker that is disabled makes no call late', async () => {
    const { breaker } = setup({ mode: 'disabled' });
    const gate = deferred<string>();
    const call = breaker.execute(() => gate.promise);
    breaker.update({ failureRate: 0.9 });
    gate.resolve('ok');
    await call;
    expect(breaker.stats().totals.late).toBe(0);
  });

  it('of the rules opens by the next call that counts, not by one that is ignored', () => {
    const { breaker, report } = setup({ minimumCalls: 10 });
    report('failure', 3);
    breaker.update({ minimumCalls: 2 });
    report('ignore', 1);
    expect(breaker.state).toBe('closed');
    report('failure', 1);
    expect(breaker.state).toBe('open');
  });
});

describe('a hold', () => {
  it('of a breaker that is shut down is none, and its release is not told', () => {
    const { breaker, names } = setup();
    breaker.shutDown();
    names();
    breaker.holdOpen().release();
    expect([names(), breaker.holds]).toEqual([[], []]);
  });

  it('beside another that holds it closed changes nothing', async () => {
    const { breaker, report } = setup();
    breaker.holdClosed();
    const gate = deferred<string>();
    const call = breaker.execute(() => gate.promise);
    report('failure', 3);
    breaker.holdClosed();
    gate.resolve('ok');
    await call;
    expect(breaker.stats()).toMatchObject({ window: { calls: 4 }, totals: { late: 0 } });
  });

  it('of a breaker that is disabled comes and goes without a change', async () => {
    const { breaker } = setup({ mode: 'disabled' });
    const gate = deferred<string>();
    const call = breaker.execute(() => gate.promise);
    breaker.holdClosed().release();
    gate.resolve('ok');
    await call;
    expect(breaker.stats()).toMatchObject({ state: 'closed', totals: { late: 0 } });
    expect(breaker.mode).toBe('disabled');
  });

  it('that ends while another holds it closed closes it by hand', () => {
    const { breaker, heard } = setup();
    const open = breaker.holdOpen();
    breaker.holdClosed();
    heard.length = 0;
    open.release();
    expect(heard[0]).toMatchObject(['closed', { from: 'open', reason: 'byHand' }]);
  });
});

describe('calls by permits', () => {
  it('that have ended hang no more', () => {
    const { breaker, clock } = setup({ slowCalls: { thresholdMs: 100, rate: 0.5 } });
    for (const permit of [breaker.tryAcquire(), breaker.tryAcquire()]) permit?.success();
    clock.advance(200);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.state).toBe('closed');
  });

  it('have no duration that began before they were timed', () => {
    const { breaker } = setup();
    const permit = breaker.tryAcquire();
    breaker.update({ latency: true });
    permit?.success();
    expect(breaker.stats().latency).toBeUndefined();
  });

  it('have none that ended before durations were to be kept', async () => {
    const { breaker } = setup({ slowCalls: { thresholdMs: 100 } });
    await breaker.execute(succeed);
    breaker.tryAcquire()?.success();
    breaker.update({ latency: true });
    expect(breaker.stats().latency).toBeUndefined();
  });
});

describe('a call that is not awaited', () => {
  it('counts as many times as it was made, though nobody listens', () => {
    const breaker = new CircuitBreaker({ name: 'x', clock: new ManualClock() });
    for (let call = 0; call < 4; call += 1) breaker.executeSync(() => call);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 4 } });
  });

  it('may give no promise, also as a trial', () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 1 } });
    breaker.trip();
    clock.advance(1000);
    expect(() => breaker.executeSync(async () => 1)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'operation',
        allowed: 'a function that gives no promise (use execute)',
      }),
    );
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', inFlight: 0 });
  });
});

describe('how long it is to be open, by hand', () => {
  it('is said in milliseconds', () => {
    const { breaker } = setup();
    expect(() => breaker.trip({ openForMs: 0 })).toThrow(/\(ms\)/);
  });
});
