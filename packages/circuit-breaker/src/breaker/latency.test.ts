import { describe, expect, it } from 'vitest';
import { setup as setupBreaker } from '../../test/support/breaker-setup.js';
import type { CircuitBreakerOptions } from '../options.js';

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const parts = setupBreaker({ latency: true, minimumCalls: 100, ...options });
  const call = (ms: number, end: 'success' | 'failure' | 'ignore' = 'success') => {
    const permit = parts.breaker.tryAcquire();
    parts.clock.advance(ms);
    permit?.[end]();
  };
  const latency = () => parts.breaker.stats().latency;
  return { ...parts, call, latency };
};

const within2Percent = (found: number | undefined, real: number) => {
  expect(Math.abs((found ?? 0) - real) / real).toBeLessThanOrEqual(0.0200001);
};

describe('statistics of how long calls take', () => {
  it('are not kept unless asked for, nor before a call has ended', () => {
    expect(setup({ latency: false }).latency()).toBeUndefined();
    const { call, latency } = setup({ latency: false });
    call(5);
    expect(latency()).toBeUndefined();
    expect(setup().latency()).toBeUndefined();
  });

  it('are 2 % off at most', () => {
    const { call, latency } = setup();
    for (let ms = 1; ms <= 100; ms += 1) call(ms);
    const found = latency();
    expect(found?.calls).toBe(100);
    within2Percent(found?.p50, 50);
    within2Percent(found?.p90, 90);
    within2Percent(found?.p95, 95);
    within2Percent(found?.p99, 99);
    within2Percent(found?.max, 100);
  });

  it('see every end of a call', () => {
    const { call, latency } = setup();
    call(10, 'success');
    call(10, 'failure');
    call(10, 'ignore');
    expect(latency()?.calls).toBe(3);
  });

  it('forget what is older than a minute', () => {
    const { clock, call, latency } = setup();
    call(10);
    clock.advance(40_000);
    expect(latency()?.calls).toBe(1);
    clock.advance(30_000);
    expect(latency()).toBeUndefined();
  });

  it('forget with the window, if that is one of time', () => {
    const { clock, call, latency } = setup({ window: { kind: 'time', durationMs: 1000 } });
    call(10);
    clock.advance(700);
    expect(latency()?.calls).toBe(1);
    clock.advance(600);
    expect(latency()).toBeUndefined();
  });

  it('leave out late results', () => {
    const { breaker, call, latency } = setup();
    const late = breaker.tryAcquire();
    breaker.reset();
    late?.success();
    expect(latency()).toBeUndefined();
    call(5);
    expect(latency()?.calls).toBe(1);
  });

  it('are kept while half-open, and outlive a reset', () => {
    const { breaker, clock, call, latency } = setup({ halfOpen: { trials: 2 } });
    breaker.trip();
    clock.advance(1000);
    call(20);
    within2Percent(latency()?.max, 20);
    breaker.reset();
    expect(latency()?.calls).toBe(1);
  });

  it('are gone when they are switched off', () => {
    const { breaker, call, latency } = setup();
    call(20);
    breaker.update({ latency: false });
    expect(latency()).toBeUndefined();
  });

  it('are told with each end of a call', () => {
    const { heard, call } = setup();
    call(7, 'success');
    call(8, 'failure');
    call(9, 'ignore');
    expect(heard).toMatchObject([
      ['succeeded', { durationMs: 7 }],
      ['failed', { durationMs: 8 }],
      ['ignored', { durationMs: 9 }],
    ]);
  });
});
