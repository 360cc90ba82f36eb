import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type BackoffOptions, createBackoff, guardRandom } from './backoff.js';

/** The first four waits, each computed from the one before. */
const waits = (options: BackoffOptions, random = () => 0.5) => {
  const backoff = createBackoff('backoff', options, random);
  let previousMs: number | undefined;
  return [1, 2, 3, 4].map((attempt) => {
    previousMs = backoff({ attempt, previousMs });
    return previousMs;
  });
};

const wait = (options: BackoffOptions, attempt: number) =>
  createBackoff('backoff', options, Math.random)({ attempt, previousMs: undefined });

describe('the waits between attempts', () => {
  it('have full jitter by default', () => {
    expect(waits({ kind: 'exponential' })).toEqual([50, 100, 200, 400]);
    expect(waits({ kind: 'exponential' }, () => 0)).toEqual([0, 0, 0, 0]);
  });

  it('double up to a cap without jitter', () => {
    const options = { kind: 'exponential', initialMs: 100, maxMs: 350, jitter: 'none' } as const;
    expect(waits(options)).toEqual([100, 200, 350, 350]);
  });

  it('grow by the factor given', () => {
    const options = { kind: 'exponential', initialMs: 10, factor: 3, jitter: 'none' } as const;
    expect(waits(options)).toEqual([10, 30, 90, 270]);
  });

  it('grow by the step given, which is the first wait by default', () => {
    const options = { kind: 'linear', initialMs: 10, maxMs: 35, jitter: 'none' } as const;
    expect(waits(options)).toEqual([10, 20, 30, 35]);
    expect(waits({ ...options, stepMs: 5 })).toEqual([10, 15, 20, 25]);
    expect(waits({ ...options, stepMs: 0 })).toEqual([10, 10, 10, 10]);
  });

  it('are constant if told so', () => {
    expect(waits({ kind: 'constant', delayMs: 40, jitter: 'none' })).toEqual([40, 40, 40, 40]);
    expect(waits({ kind: 'constant', delayMs: 40 })).toEqual([20, 20, 20, 20]);
  });

  it('keep at least half with equal jitter', () => {
    const options = { kind: 'constant', delayMs: 40, jitter: 'equal' } as const;
    expect(waits(options, () => 0)).toEqual([20, 20, 20, 20]);
    expect(waits(options, () => 0.5)).toEqual([30, 30, 30, 30]);
    expect(waits(options, () => 1)).toEqual([40, 40, 40, 40]);
  });

  it('reach from the first to three times the one before when decorrelated, up to the cap', () => {
    const options = { kind: 'decorrelated', initialMs: 100, maxMs: 1000 } as const;
    expect(waits(options, () => 0)).toEqual([100, 100, 100, 100]);
    expect(waits(options, () => 1)).toEqual([300, 900, 1000, 1000]);
    expect(waits(options, () => 0.5)).toEqual([200, 350, 575, 912.5]);
    expect(waits({ ...options, initialMs: 200 }, () => 0)).toEqual([200, 200, 200, 200]);
  });

  it('stay from 0 to the cap, whatever the kind, the attempt and the chance', () => {
    const ms = fc.integer({ min: 0, max: 100_000 });
    const jitter = fc.constantFrom('full' as const, 'equal' as const, 'none' as const);
    const anyOptions: fc.Arbitrary<BackoffOptions> = fc.oneof(
      fc.record({
        kind: fc.constant('linear' as const),
        initialMs: ms,
        stepMs: ms,
        maxMs: ms,
        jitter,
      }),
      fc.record({
        kind: fc.constant('exponential' as const),
        initialMs: ms,
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
        maxMs: ms,
        jitter,
      }),
      fc.record({ kind: fc.constant('decorrelated' as const), initialMs: ms, maxMs: ms }),
    );
    fc.assert(
      fc.property(
        anyOptions,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(ms, { nil: undefined }),
        (options, attempt, share, previousMs) => {
          const found = createBackoff('backoff', options, () => share)({ attempt, previousMs });
          expect(found).toBeGreaterThanOrEqual(0);
          expect(found).toBeLessThanOrEqual((options as { maxMs: number }).maxMs);
        },
      ),
    );
  });

  it('stay a number at any attempt', () => {
    const options = { kind: 'exponential', factor: 100, jitter: 'none' } as const;
    expect(wait(options, 10_000)).toBe(10_000);
    expect(wait({ ...options, initialMs: 0 }, 10_000)).toBe(0);
    expect(wait({ kind: 'linear', jitter: 'none' }, Number.MAX_SAFE_INTEGER)).toBe(10_000);
  });

  it('hold no state: one serves any number of calls at once', () => {
    const backoff = createBackoff('backoff', { kind: 'exponential', jitter: 'none' }, Math.random);
    const step = (attempt: number) => backoff({ attempt, previousMs: undefined });
    expect([step(3), step(1), step(3)]).toEqual([400, 100, 400]);
  });

  it.each([
    [null, 'backoff'],
    [[], 'backoff'],
    [{}, 'backoff.kind'],
    [{ kind: 'fibonacci' }, 'backoff.kind'],
    [{ kind: 'linear', factor: 2 }, 'backoff.factor'],
    [{ kind: 'linear', stepMs: -1 }, 'backoff.stepMs'],
    [{ kind: 'decorrelated', jitter: 'full' }, 'backoff.jitter'],
    [{ kind: 'decorrelated', maxMs: '5' }, 'backoff.maxMs'],
    [{ kind: 'constant', jitter: 'half' }, 'backoff.jitter'],
    [{ kind: 'constant', jitter: null }, 'backoff.jitter'],
    [{ kind: 'constant', delayMs: -1 }, 'backoff.delayMs'],
    [{ kind: 'constant', maxMs: 1 }, 'backoff.maxMs'],
    [{ kind: 'exponential', factor: 0.5 }, 'backoff.factor'],
    [{ kind: 'exponential', initialMs: Number.NaN }, 'backoff.initialMs'],
    [{ kind: 'exponential', maxMs: Number.POSITIVE_INFINITY }, 'backoff.maxMs'],
    [{ kind: 'exponential', delayMs: 1 }, 'backoff.delayMs'],
  ])('refuse %o', (options, option) => {
    expect(() => createBackoff('backoff', options as BackoffOptions, Math.random)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});

describe('randomness', () => {
  it.each([0, 0.25, 1])('of %d is used as it is', (share) => {
    const hook = vi.fn();
    expect(guardRandom(() => share, hook)()).toBe(share);
    expect(hook).not.toHaveBeenCalled();
  });

  it.each<[string, () => number]>([
    ['is no number', () => Number.NaN],
    ['is a text', () => '0.5' as never],
    ['is below 0', () => -1],
    ['is above 1', () => 7],
    ['is a promise', (async () => 0.5) as never],
    [
      'is not given, for its source throws',
      () => {
        throw new Error('no luck');
      },
    ],
  ])('that %s is reported, and the wait is not shortened by it', (_what, random) => {
    const hook = vi.fn();
    const guarded = guardRandom(random, hook);
    expect(waits({ kind: 'constant', delayMs: 40 }, guarded)).toEqual([40, 40, 40, 40]);
    expect(hook).toHaveBeenCalledTimes(4);
    expect(hook.mock.calls[0]).toMatchObject([{ kind: 'callback', name: 'random' }]);
    expect(hook.mock.calls[0]?.[0].error.message).toMatch(
      /^(random must return a number from 0 to 1\.|no luck)$/,
    );
  });
});
