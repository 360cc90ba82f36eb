import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import type { Verdict } from './outcome.js';

describe('the weight of a classification', () => {
  const weighing = (weight: number) =>
    setup({
      minimumCalls: 2,
      failureRate: 0.5,
      classify: ({ status }) =>
        status === 'fulfilled' ? { outcome: 'success', weight } : { outcome: 'failure' },
    });

  it('counts a call as many in the rate', async () => {
    const heavy = weighing(1.01);
    await heavy.breaker.execute(succeed);
    await heavy.breaker.execute(fail).catch(() => {});
    expect(heavy.breaker.state).toBe('closed');
    const light = weighing(0.99);
    await light.breaker.execute(succeed);
    await light.breaker.execute(fail).catch(() => {});
    expect(light.breaker.state).toBe('open');
  });

  it('leaves the minimum of calls, the run of failures and the counts as they are', async () => {
    const { breaker } = setup({
      minimumCalls: 10,
      consecutiveFailures: 3,
      classify: () => ({ outcome: 'failure', weight: 100 }),
    });
    await breaker.execute(fail).catch(() => {});
    await breaker.execute(fail).catch(() => {});
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      failuresInARow: 2,
      window: { calls: 2, failures: 2, failureRate: 1 },
      totals: { failed: 2 },
    });
  });

  it('is a rate of whole hundredths in the statistics', async () => {
    let weight = 0.3;
    const { breaker } = setup({
      minimumCalls: 10,
      classify: ({ status }) => ({
        outcome: status === 'fulfilled' ? 'success' : 'failure',
        weight,
      }),
    });
    await breaker.execute(succeed);
    weight = 0.1;
    await breaker.execute(fail).catch(() => {});
    // 0.1 / (0.1 + 0.3) in floating point is 0.25000000000000006.
    expect(breaker.stats().window.failureRate).toBe(0.25);
  });

  it.each([0.01, 100])('may be %s', async (weight) => {
    const { breaker, reported } = weighing(weight);
    await breaker.execute(succeed);
    await breaker.execute(fail).catch(() => {});
    expect(breaker.stats().window.failureRate).toBeCloseTo(1 / (1 + weight), 9);
    expect(reported).toEqual([]);
  });

  it('does not count in trials: a trial is one', async () => {
    const { breaker } = await setupHalfOpen({
      halfOpen: { trials: 2 },
      classify: ({ status }) =>
        status === 'fulfilled' ? { outcome: 'success', weight: 100 } : 'failure',
    });
    await breaker.execute(succeed);
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('openForMs of a classification', () => {
  const answering = (verdict: Verdict, options: object = {}) =>
    setup({ minimumCalls: 50, classify: () => verdict, ...options });

  it.each(['success', 'failure', 'ignored'] as const)(
    'opens the breaker now and for so long, as a Retry-After asks, with the outcome %s',
    async (outcome) => {
      const { breaker, clock, heard } = answering({ outcome, openForMs: 7000 });
      await breaker.execute(succeed);
      expect(heard.at(-1)).toMatchObject([
        'opened',
        { from: 'closed', reason: 'retryAfter', retryAfterMs: 7000 },
      ]);
      expect(breaker.retryAfterMs()).toBe(7000);
      expect(breaker.stats().totals).toMatchObject({
        [{ success: 'succeeded', failure: 'failed', ignored: 'ignored' }[outcome]]: 1,
      });
      clock.advance(7000);
      expect(breaker.state).toBe('halfOpen');
    },
  );

  it('goes before the rules: it opens once, for the time asked for', async () => {
    const verdict: Verdict = { outcome: 'failure', openForMs: 7000 };
    const openForMs = vi.fn(() => 1000);
    const { breaker, names } = answering(verdict, { minimumCalls: 1, openForMs });
    await breaker.execute(succeed);
    expect(names()).toEqual(['failed', 'opened']);
    expect(breaker.stats()).toMatchObject({ retryAfterMs: 7000, window: { failures: 1 } });
    expect(openForMs).not.toHaveBeenCalled();
  });

  it.each(['success', 'failure', 'ignored'] as const)(
    'of a trial with the outcome %s opens it again, once',
    async (outcome) => {
      const { breaker, names } = await setupHalfOpen({
        halfOpen: { trials: 1 },
        classify: ({ status }) =>
          status === 'fulfilled' ? { outcome, openForMs: 7000 } : 'failure',
      });
      await breaker.execute(succeed);
      expect(names().slice(1)).toEqual(['opened']);
      expect(breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 7000 });
    },
  );

  it('counts as one opening for the waits that grow', async () => {
    let verdict: Verdict = { outcome: 'failure', openForMs: 500 };
    const asked: number[] = [];
    const { breaker, clock } = setup({
      minimumCalls: 1,
      halfOpen: { trials: 1 },
      classify: () => verdict,
      openForMs: ({ attempt }) => {
        asked.push(attempt);
        return 1000;
      },
    });
    await breaker.execute(succeed);
    clock.advance(500);
    verdict = { outcome: 'failure' };
    await breaker.execute(succeed);
    expect(asked).toEqual([2]);
  });

  it('opens a breaker that ramps up, too', async () => {
    const { breaker, clock } = setup({
      rampUp: {},
      halfOpen: { trials: 1 },
      classify: ({ status }) =>
        status === 'rejected' ? { outcome: 'ignored', openForMs: 300 } : 'success',
    });
    breaker.trip();
    clock.advance(1000);
    await breaker.execute(succeed);
    expect(breaker.stats().share).toBe(0.1);
    await breaker.execute(fail).catch(() => {});
    expect(breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 300 });
  });
});

describe('a classification that is none', () => {
  const trap = (part: string) =>
    Object.defineProperty({ outcome: 'failure' }, part, {
      get: () => {
        throw new Error('trap');
      },
    });
  /** An object that gives another answer each time it is read. */
  const fickle = () => {
    let reads = 0;
    return Object.defineProperty({ outcome: 'success' }, 'weight', {
      get: () => {
        reads += 1;
        return reads === 1 ? 1 : Number.NaN;
      },
    });
  };

  it.each<[string, unknown]>([
    ['an unknown word', 'fine'],
    ['a word of Object', 'constructor'],
    ['true', true],
    ['null', null],
    ['no outcome', {}],
    ['an unknown outcome', { outcome: 'fine' }],
    ['no weight', { outcome: 'success', weight: 0 }],
    ['too little weight', { outcome: 'success', weight: 0.009 }],
    ['too much weight', { outcome: 'success', weight: 100.1 }],
    ['a weight that is no number', { outcome: 'success', weight: Number.NaN }],
    ['a weight in words', { outcome: 'success', weight: '5' }],
    ['a weight of null', { outcome: 'success', weight: null }],
    ['a time in words', { outcome: 'success', openForMs: '1000' }],
    ['no time', { outcome: 'success', openForMs: 0 }],
    ['a time of null', { outcome: 'success', openForMs: null }],
    ['an endless time', { outcome: 'success', openForMs: Number.POSITIVE_INFINITY }],
    ['a time before now', { outcome: 'success', openForMs: -1 }],
    ['a weight that throws', trap('weight')],
    ['an outcome that throws', trap('outcome')],
    ['a time that throws', trap('openForMs')],
  ])('(%s) is reported, and the call counts as by default', async (_what, answer) => {
    const { breaker, reported } = setup({ classify: () => answer as never });
    await expect(breaker.execute(fail)).rejects.toBe(down);
    expect(reported).toMatchObject([{ kind: 'callback', name: 'classify' }]);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      inFlight: 0,
      window: { calls: 1, failures: 1, failureRate: 1 },
    });
  });

  it('is read once, so that it cannot change its mind', async () => {
    const { breaker, reported } = setup({ classify: fickle as never });
    await breaker.execute(succeed);
    expect(reported).toEqual([]);
    expect(breaker.stats().window).toMatchObject({ calls: 1, failureRate: 0 });
  });

  it('leaves the breaker working, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (answer) => {
        const { breaker } = setup({ classify: () => answer as never });
        await expect(breaker.execute(fail)).rejects.toBe(down);
        expect(breaker.stats().inFlight).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
