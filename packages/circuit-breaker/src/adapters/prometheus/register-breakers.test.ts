import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { CircuitBreakerRegistry } from '../../registry/registry.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { registerBreakers } from './register-breakers.js';

const lines = async (register: Registry) =>
  (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the Prometheus metrics', () => {
  it('tell of each breaker what its stats say when they are scraped', async () => {
    const register = new Registry();
    const clock = new ManualClock();
    const breakers = new CircuitBreakerRegistry({ clock });
    registerBreakers(breakers, { register });
    const redis = breakers.getOrCreate({ name: 'redis', minimumCalls: 2, latency: true });
    await redis.execute(() => clock.advance(40));
    await redis.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    await redis.execute(() => 1).catch(() => {});
    const scraped = await lines(register);
    for (const line of [
      'circuit_breaker_state{breaker="redis",state="open"} 1',
      'circuit_breaker_state{breaker="redis",state="closed"} 0',
      'circuit_breaker_calls_total{breaker="redis",outcome="success"} 1',
      'circuit_breaker_calls_total{breaker="redis",outcome="failure"} 1',
      'circuit_breaker_calls_total{breaker="redis",outcome="late"} 0',
      'circuit_breaker_rejected_total{breaker="redis"} 1',
      'circuit_breaker_opened_total{breaker="redis"} 1',
      'circuit_breaker_in_flight{breaker="redis"} 0',
      'circuit_breaker_failure_rate{breaker="redis"} 0.5',
      'circuit_breaker_slow_rate{breaker="redis"} 0',
    ]) {
      expect(scraped).toContain(line);
    }
    const p99 = scraped.find((line) => line.includes('quantile="0.99"'));
    expect(Number(p99?.split(' ')[1])).toBeCloseTo(0.04, 2);
    // A second scrape counts nothing twice.
    expect(await lines(register)).toEqual(scraped);
  });

  it('forget a breaker that is gone from its source', async () => {
    const register = new Registry();
    const list = [new CircuitBreaker({ name: 'a' }), new CircuitBreaker({ name: 'b' })];
    registerBreakers({ list: () => list }, { register });
    expect((await lines(register)).some((line) => line.includes('breaker="b"'))).toBe(true);
    list.pop();
    const left = await lines(register);
    expect(left.some((line) => line.includes('breaker="b"'))).toBe(false);
    expect(left.some((line) => line.includes('breaker="a"'))).toBe(true);
  });

  it('can be taken out again, and put in anew', async () => {
    const register = new Registry();
    const breakers = new CircuitBreakerRegistry();
    registerBreakers(breakers, { register })();
    expect(register.getMetricsAsArray()).toEqual([]);
    expect(() => registerBreakers(breakers, { register })).not.toThrow();
    expect(() => registerBreakers(breakers, { register })).toThrow(/already been registered/);
  });

  it('ask breakers for nothing between scrapes', () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    registerBreakers({ list: () => [breaker] }, { register: new Registry() });
    expect(breaker.events.hears('succeeded')).toBe(false);
  });

  it('refuse a source without a list and an unknown option', () => {
    expect(() => registerBreakers({} as never)).toThrow(/source/);
    expect(() => registerBreakers(new CircuitBreakerRegistry(), { prefix: 'x' } as never)).toThrow(
      /prefix/,
    );
  });
});
