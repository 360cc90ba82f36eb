/* oxlint-disable unicorn/no-thenable -- what user code may do. */
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

/** A native promise with a `then` of its own that calls back twice. */
const twice = () => {
  const promise = Promise.resolve(1);
  return Object.assign(promise, {
    // biome-ignore lint/suspicious/noThenProperty: what user code may do.
    then: (onFulfilled: (value: number) => unknown) => {
      onFulfilled(1);
      onFulfilled(1);
      return Promise.resolve(1);
    },
  }) as Promise<number>;
};

describe('a promise with a then of its own', () => {
  it.each([
    ['execute', {}],
    ['timed', { latency: true }],
  ])('is counted once by %s', async (_how, options) => {
    const breaker = new CircuitBreaker({ name: 'x', ...options });
    await breaker.execute(twice);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, window: { calls: 1 } });
  });

  it('is counted once by a wrapped function', async () => {
    const breaker = new CircuitBreaker({ name: 'x' });
    await breaker.wrap(twice)();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, window: { calls: 1 } });
  });
});
