import type { CircuitBreakerOptions, ListenerFailure } from '../../src/index.js';
import { CircuitBreaker } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { recordEvents } from './record-events.js';

export const down = new Error('down');
export const fail = () => Promise.reject(down);
export const succeed = () => Promise.resolve('ok');

/**
 * A breaker that opens at two calls, half of them failed, for a second; what it tells is in `heard`, and
 * what it reports in `reported`.
 */
export const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const reported: ListenerFailure[] = [];
  const breaker = new CircuitBreaker({
    name: 'gateway',
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 2 },
    clock,
    onListenerError: (failure) => reported.push(failure),
    ...options,
  });
  const heard = recordEvents(breaker.events);
  const failTimes = async (times: number) => {
    for (let call = 0; call < times; call += 1) await breaker.execute(fail).catch(() => {});
  };
  /** Lets `times` calls through that end at once. */
  const report = (outcome: 'success' | 'failure' | 'ignore', times = 1) => {
    for (let call = 0; call < times; call += 1) breaker.tryAcquire()?.[outcome]();
  };
  /** The names of the events so far, and forgets them. */
  const names = () => heard.splice(0).map(([name]) => name);
  return { clock, breaker, heard, reported, failTimes, report, names };
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
