/* oxlint-disable unicorn/no-thenable -- what user code may do. */
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/pipeline.js';
import { bulkhead } from '../policy/bulkhead.js';
import { fallback } from '../policy/fallback.js';
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

/** A native promise whose `constructor` can be read once. */
const unreadable = () => {
  const promise = Promise.resolve(1);
  let reads = 0;
  void Object.defineProperty(promise, 'constructor', {
    get: () => {
      reads += 1;
      if (reads > 1) throw new Error('unreadable');
      return Promise;
    },
  });
  return promise;
};

describe('a promise that cannot be listened to', () => {
  it.each([
    ['execute', {}],
    ['timed', { latency: true }],
  ])('is a failure to %s', async (_how, options) => {
    const breaker = new CircuitBreaker({ name: 'x', ...options });
    await expect(breaker.execute(unreadable)).rejects.toThrow('unreadable');
    expect(breaker.stats()).toMatchObject({ inFlight: 0, window: { failures: 1 } });
  });

  it('is one to policies, and holds no place', async () => {
    const policy = pipeline([fallback(() => unreadable()), bulkhead({ maxConcurrent: 1 })]);
    for (let call = 0; call < 3; call += 1) {
      await expect(policy.execute(unreadable)).rejects.toThrow('unreadable');
    }
    await expect(policy.execute(() => 1)).resolves.toBe(1);
  });
});
