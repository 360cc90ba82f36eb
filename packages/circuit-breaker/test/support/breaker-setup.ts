import type { CircuitBreakerOptions } from '../../src/index.js';
import { CircuitBreaker } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { recordEvents } from './record-events.js';

export const down = new Error('down');
export const fail = () => Promise.reject(down);
export const succeed = () => Promise.resolve('ok');

/** A breaker that opens at two calls, half of them failed, for a second; what it tells is in `heard`. */
export const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'gateway',
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 2 },
    clock,
    ...options,
  });
  const failTimes = async (times: number) => {
    for (let call = 0; call < times; call += 1) await breaker.execute(fail).catch(() => {});
  };
  return { clock, breaker, heard: recordEvents(breaker.events), failTimes };
};

/** The same, just become half-open. */
export const setupHalfOpen = async (options: Partial<CircuitBreakerOptions> = {}) => {
  const parts = setup(options);
  await parts.failTimes(2);
  parts.clock.advance(1000);
  if (parts.breaker.state !== 'halfOpen') throw new Error('The breaker is not half-open.');
  parts.heard.length = 0;
  return parts;
};
