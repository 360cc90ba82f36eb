import { describe, expect, it } from 'vitest';
import { type BackoffOptions, createBackoff } from './backoff.js';

const waits = (options: BackoffOptions | undefined, random = () => 0.5) => {
  const backoff = createBackoff(options, random);
  return [1, 2, 3, 4].map((attempt) => backoff(attempt));
};

describe('the waits between attempts', () => {
  it('are by default exponential with full jitter', () => {
    expect(waits(undefined)).toEqual([50, 100, 200, 400]);
    expect(waits(undefined, () => 0)).toEqual([0, 0, 0, 0]);
  });

  it('double up to a cap without jitter', () => {
    const options = { kind: 'exponential', initialMs: 100, maxMs: 350, jitter: 'none' } as const;
    expect(waits(options)).toEqual([100, 200, 350, 350]);
  });

  it('grow by the factor given', () => {
    const options = { kind: 'exponential', initialMs: 10, factor: 3, jitter: 'none' } as const;
    expect(waits(options)).toEqual([10, 30, 90, 270]);
  });

  it('are constant if told so', () => {
    expect(waits({ kind: 'constant', delayMs: 40, jitter: 'none' })).toEqual([40, 40, 40, 40]);
    expect(waits({ kind: 'constant', delayMs: 40 })).toEqual([20, 20, 20, 20]);
  });

  it('stay a number at any attempt', () => {
    const options = { kind: 'exponential', factor: 100, jitter: 'none' } as const;
    expect(createBackoff(options, Math.random)(10_000)).toBe(10_000);
    expect(createBackoff({ ...options, initialMs: 0 }, Math.random)(10_000)).toBe(0);
  });

  it.each([Number.NaN, -1, 7])('are not spoilt by a random number of %d', (random) => {
    expect(waits({ kind: 'constant', delayMs: 40 }, () => random)).toEqual([40, 40, 40, 40]);
  });

  it.each([
    [null, 'backoff'],
    [{}, 'backoff.kind'],
    [{ kind: 'linear' }, 'backoff.kind'],
    [{ kind: 'constant', jitter: 'half' }, 'backoff.jitter'],
    [{ kind: 'constant', delayMs: -1 }, 'backoff.delayMs'],
    [{ kind: 'constant', maxMs: 1 }, 'backoff.maxMs'],
    [{ kind: 'exponential', factor: 0.5 }, 'backoff.factor'],
    [{ kind: 'exponential', initialMs: Number.NaN }, 'backoff.initialMs'],
    [{ kind: 'exponential', maxMs: Number.POSITIVE_INFINITY }, 'backoff.maxMs'],
    [{ kind: 'exponential', delayMs: 1 }, 'backoff.delayMs'],
  ])('refuse %o', (options, option) => {
    expect(() => createBackoff(options as BackoffOptions, Math.random)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
