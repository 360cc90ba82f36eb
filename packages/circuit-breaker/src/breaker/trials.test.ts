import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setupHalfOpen } from '../../test/support/breaker-setup.js';
import type { Permit } from './permit.js';

describe('a share of the trials', () => {
  it.each([
    // trials, share, needed
    [1, 1, 1],
    [10, 1, 10],
    [10, 0.5, 5],
    [10, 0.51, 6],
    [10, 0.7, 7], // 10 × 0.7 is 7.000000000000001
    [3, 1 / 3, 1],
    [100, 0.29, 29], // 100 × 0.29 is 28.999999999999996
    [10, 0.01, 1],
    [3, 1e-12, 1],
  ])(
    'of %d at a rate of %d closes at %d that succeeded, and not before',
    async (trials, successRate, needed) => {
      const { breaker, report } = await setupHalfOpen({ halfOpen: { trials, successRate } });
      report('failure', trials - needed);
      expect(breaker.state).toBe('halfOpen');
      report('success', needed - 1);
      expect(breaker.state).toBe('halfOpen');
      report('success', 1);
      expect(breaker.state).toBe('closed');
    },
  );

  it('opens as soon as it cannot be reached any more', async () => {
    const { breaker, heard, report } = await setupHalfOpen({
      halfOpen: { trials: 10, successRate: 0.8 },
    });
    report('success', 4);
    report('failure', 2);
    expect(breaker.state).toBe('halfOpen');
    report('failure', 1);
    expect(breaker.state).toBe('open');
    expect(heard.at(-1)).toMatchObject(['opened', { from: 'halfOpen', reason: 'trialFailed' }]);
  });

  it('closes as soon as it is reached, whatever still runs', async () => {
    const { breaker } = await setupHalfOpen({
      halfOpen: { trials: 4, successRate: 0.5, maxConcurrent: 4 },
    });
    const [one, two, three] = [breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()];
    one?.success();
    two?.success();
    expect(breaker.state).toBe('closed');
    three?.failure();
    expect(breaker.stats()).toMatchObject({ window: { calls: 0 }, totals: { late: 1 } });
  });
});

describe('trials', () => {
  it('that are ignored count for nothing, however many', async () => {
    const { breaker, report } = await setupHalfOpen({ halfOpen: { trials: 2, successRate: 0.5 } });
    report('ignore', 50);
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 0, succeeded: 0, failed: 0 },
    });
    report('success', 1);
    expect(breaker.state).toBe('closed');
  });

  it('are never more at once, nor more in all, than they may be; and what is decided is final', async () => {
    const anyStep = fc.oneof(
      { weight: 3, arbitrary: fc.constant('begin' as const) },
      fc.constantFrom('success' as const, 'failure' as const, 'ignore' as const),
    );
    const anyOptions = fc
      .record({
        trials: fc.integer({ min: 1, max: 6 }),
        successRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
        maxConcurrent: fc.integer({ min: 1, max: 6 }),
      })
      .filter(({ trials, maxConcurrent }) => maxConcurrent <= trials);
    await fc.assert(
      fc.asyncProperty(
        anyOptions,
        fc.array(anyStep, { maxLength: 40 }),
        async (halfOpen, steps) => {
          const { breaker } = await setupHalfOpen({ halfOpen });
          const needed = Math.ceil(halfOpen.trials * halfOpen.successRate - 1e-9);
          const running: Permit[] = [];
          const ended = { success: 0, failure: 0, ignore: 0 };
          for (const step of steps) {
            const counted = running.length + ended.success + ended.failure;
            const mayBegin = running.length < halfOpen.maxConcurrent && counted < halfOpen.trials;
            const begun = step === 'begin' ? breaker.tryAcquire() : undefined;
            expect(begun !== undefined).toBe(step === 'begin' && mayBegin);
            if (begun !== undefined) running.push(begun);
            if (step !== 'begin' && running.length > 0) {
              running.shift()?.[step]();
              ended[step] += 1;
            }
            const isLost = ended.failure > halfOpen.trials - needed;
            const isWon = !isLost && ended.success >= needed;
            const { state, inFlight, trials } = breaker.stats();
            expect(state).toBe(isLost ? 'open' : isWon ? 'closed' : 'halfOpen');
            if (isLost || isWon) return;
            expect({ inFlight, ...trials }).toEqual({
              inFlight: running.length,
              running: running.length,
              succeeded: ended.success,
              failed: ended.failure,
            });
          }
        },
      ),
    );
  });
});

describe('the time limit of trials', () => {
  it('begins with a trial, ends with the last that runs, and begins anew', async () => {
    const { breaker, clock } = await setupHalfOpen({
      halfOpen: { trials: 5, maxConcurrent: 2, maxDurationMs: 100 },
    });
    const first = breaker.tryAcquire();
    clock.advance(90);
    const second = breaker.tryAcquire();
    first?.success();
    clock.advance(9);
    second?.success();
    clock.advance(5000);
    const third = breaker.tryAcquire();
    clock.advance(99);
    expect(breaker.state).toBe('halfOpen');
    third?.success();
    expect(breaker.stats().trials).toEqual({ running: 0, succeeded: 3, failed: 0 });
  });

  it('is what callers are told to wait for, if it is near', async () => {
    const { breaker, clock } = await setupHalfOpen({
      halfOpen: { trials: 1, maxDurationMs: 1500 },
    });
    breaker.tryAcquire();
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.advance(1400);
    expect(breaker.retryAfterMs()).toBe(100);
    clock.advance(99.5);
    expect(breaker.retryAfterMs()).toBe(1);
  });

  it('may be changed while trials run', async () => {
    const { breaker, clock } = await setupHalfOpen({ halfOpen: { maxDurationMs: 1000 } });
    breaker.tryAcquire();
    clock.advance(200);
    breaker.update({ halfOpen: { maxDurationMs: 201 } });
    expect(breaker.state).toBe('halfOpen');
    clock.advance(1);
    expect(breaker.state).toBe('open');
  });

  it('makes the next wait longer, as a trial that failed does', async () => {
    const { breaker, clock } = await setupHalfOpen({
      openForMs: { kind: 'exponential', initialMs: 1000, jitter: 'none' },
      halfOpen: { maxDurationMs: 100 },
    });
    breaker.tryAcquire();
    clock.advance(100);
    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs()).toBe(2000);
  });
});

describe('trials that are changed while they run', () => {
  it('end at once where fewer are enough by now', async () => {
    const { breaker, report } = await setupHalfOpen({ halfOpen: { trials: 5 } });
    report('success', 2);
    breaker.update({ halfOpen: { trials: 2 } });
    expect(breaker.state).toBe('closed');
  });

  it('end at once where more must succeed than still can', async () => {
    const { breaker, report } = await setupHalfOpen({ halfOpen: { trials: 4, successRate: 0.5 } });
    report('failure', 2);
    expect(breaker.state).toBe('halfOpen');
    breaker.update({ halfOpen: { successRate: 1 } });
    expect(breaker.state).toBe('open');
  });

  it('go on where nothing is decided', async () => {
    const { breaker, report } = await setupHalfOpen({ halfOpen: { trials: 2 } });
    report('success', 1);
    breaker.update({ halfOpen: { trials: 3 } });
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', trials: { succeeded: 1 } });
    report('success', 2);
    expect(breaker.state).toBe('closed');
  });
});
