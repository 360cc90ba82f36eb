import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import { recordEvents } from '../../test/support/record-events.js';
import { asThenable } from '../../test/support/thenable.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

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

  it('tells the very wait it opens for, where sums of times round to more', async () => {
    const { breaker, clock, heard, failTimes } = setup({ window: { kind: 'time' } });
    await failTimes(1);
    clock.advance(172 / 7);
    expect(clock.now() + 1000 - clock.now()).toBeGreaterThan(1000);
    await failTimes(1);
    expect(breaker.state).toBe('open');
    expect(heard.at(-1)).toMatchObject(['opened', { retryAfterMs: 1000 }]);
  });

  it('opens when the failure rate is reached', async () => {
    const { breaker, heard, failTimes } = setup({ minimumCalls: 4, failureRate: 0.75 });
    await failTimes(3);
    expect(breaker.state).toBe('closed');
    await breaker.execute(succeed);
    expect(breaker.state).toBe('open');
    expect(heard).toEqual([
      ['failed', { breaker: 'gateway', error: down, durationMs: undefined }],
      ['failed', { breaker: 'gateway', error: down, durationMs: undefined }],
      ['failed', { breaker: 'gateway', error: down, durationMs: undefined }],
      ['succeeded', { breaker: 'gateway', durationMs: undefined }],
      [
        'opened',
        {
          breaker: 'gateway',
          from: 'closed',
          reason: 'failureRate',
          retryAfterMs: 1000,
          calls: 4,
          failures: 3,
          slow: 0,
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
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'x', minimumCalls: 1, openForMs: 1000, clock });
    breaker.tryAcquire()?.failure();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(999);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    const heard = recordEvents(breaker.events);
    expect(breaker.retryAfterMs()).toBe(0);
    expect(heard).toEqual([['halfOpened', { breaker: 'x', from: 'open' }]]);
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('statistics', () => {
  it('tell the rate, the trials and the totals', async () => {
    const { breaker } = setup({ minimumCalls: 10 });
    expect(breaker.stats()).toEqual({
      state: 'closed',
      mode: 'enforcing',
      held: undefined,
      retryAfterMs: 0,
      inFlight: 0,
      waiting: 0,
      window: { calls: 0, failures: 0, slow: 0, failureRate: 0, slowRate: 0 },
      failuresInARow: 0,
      trials: undefined,
      share: undefined,
      latency: undefined,
      totals: { succeeded: 0, failed: 0, ignored: 0, rejected: 0, late: 0, opened: 0 },
    });
    breaker.tryAcquire()?.failure();
    for (let call = 0; call < 3; call += 1) breaker.tryAcquire()?.success();
    expect(breaker.stats().window).toEqual({
      calls: 4,
      failures: 1,
      slow: 0,
      failureRate: 0.25,
      slowRate: 0,
    });
    breaker.tryAcquire()?.failure();
    expect(breaker.stats().failuresInARow).toBe(1);
    breaker.tryAcquire()?.failure();
    expect(breaker.stats().failuresInARow).toBe(2);
  });
});

describe('a promise with a then of its own', () => {
  const both = (promise: Promise<unknown>): Promise<unknown> =>
    Object.defineProperty(promise, ['th', 'en'].join(''), {
      value: (fulfilled: (value: unknown) => void, rejected: (error: unknown) => void) => {
        for (let time = 0; time < 2; time += 1) {
          fulfilled('wrong');
          rejected(new Error('wrong'));
        }
        return 'no promise';
      },
    }) as Promise<unknown>;

  it.each([
    ['that times its calls', { latency: true }],
    ['that counts nothing', { mode: 'disabled' as const }],
  ])('is taken for what it is by a breaker %s', async (_what, options) => {
    const { breaker } = setup(options);
    const work = deferred();
    const other = breaker.execute(() => work.promise);
    await expect(breaker.execute(() => both(Promise.resolve('right')))).resolves.toBe('right');
    work.resolve('other');
    await expect(other).resolves.toBe('other');
    expect(breaker.stats().inFlight).toBe(0);
  });
});
