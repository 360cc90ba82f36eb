import { expect } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';

export const HOUR = 3_600_000;
export const down = new Error('down');

/** A breaker with a window of time that opens at two calls, half of them failed, for a second, with one trial. */
export const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'trap',
    window: { kind: 'time', durationMs: 10_000 },
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 1 },
    clock,
    onListenerError: () => {},
    ...options,
  });
  const fail = (times: number) => {
    for (let call = 0; call < times; call += 1) breaker.tryAcquire()?.failure(down);
  };
  const halfOpen = () => {
    fail(2);
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  };
  return { breaker, clock, fail, halfOpen };
};

/** An operation that ends as soon as its signal is aborted. */
export const cooperating = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
