import { describe, expect, it } from 'vitest';
import type { CircuitBreakerStats } from '../breaker/stats.js';
import { CircuitBreaker } from '../index.js';
import { BREAKER_METRICS, type BreakerMetric, checkSource, readAll } from './breaker-metrics.js';

/** Numbers that are all different, so that none can be taken for another. */
const STATS: CircuitBreakerStats = {
  state: 'open',
  mode: 'enforcing',
  held: undefined,
  retryAfterMs: 1,
  inFlight: 2,
  waiting: 3,
  window: { calls: 4, failures: 5, slow: 6, failureRate: 0.7, slowRate: 0.8 },
  failuresInARow: 9,
  trials: undefined,
  share: undefined,
  latency: { calls: 10, p50: 11, p90: 12, p95: 13, p99: 14, max: 15 },
  totals: { succeeded: 16, failed: 17, ignored: 18, rejected: 19, late: 20, opened: 21 },
};

const sourceOf = (stats: CircuitBreakerStats) => ({
  list: () => [{ name: 'redis', stats: () => stats } as unknown as CircuitBreaker],
});

const metric = (name: string) =>
  BREAKER_METRICS.find((one) => one.name === `circuit_breaker.${name}`) as BreakerMetric;

const readings = (name: string, stats = STATS) =>
  readAll(sourceOf(stats), metric(name)).map(({ value, labels }) => {
    const { breaker, ...others } = labels;
    expect(breaker).toBe('redis');
    return [...Object.entries(others).flat(), value];
  });

describe('the metrics of breakers', () => {
  it('have names, kinds, units and labels that dashboards can rely on', () => {
    const told = BREAKER_METRICS.map(({ name, kind, unit, labels }) => [name, kind, unit, labels]);
    expect(told).toEqual([
      ['circuit_breaker.state', 'gauge', '1', ['state']],
      ['circuit_breaker.calls', 'counter', '{call}', ['outcome']],
      ['circuit_breaker.rejected', 'counter', '{call}', []],
      ['circuit_breaker.opened', 'counter', '{time}', []],
      ['circuit_breaker.in_flight', 'gauge', '{call}', []],
      ['circuit_breaker.failure_rate', 'gauge', '1', []],
      ['circuit_breaker.slow_rate', 'gauge', '1', []],
      ['circuit_breaker.latency', 'gauge', 's', ['quantile']],
    ]);
  });

  it('explain themselves, each in a sentence of its own', () => {
    const helps = BREAKER_METRICS.map(({ help }) => help);
    for (const help of helps) expect(help).toMatch(/^[A-Z].{10,}\.$/);
    expect(new Set(helps).size).toBe(BREAKER_METRICS.length);
  });

  it('tell what the stats say, by breaker', () => {
    expect(readings('state')).toEqual([
      ['state', 'closed', 0],
      ['state', 'open', 1],
      ['state', 'halfOpen', 0],
    ]);
    expect(readings('calls')).toEqual([
      ['outcome', 'success', 16],
      ['outcome', 'failure', 17],
      ['outcome', 'ignored', 18],
      ['outcome', 'late', 20],
    ]);
    expect(readings('rejected')).toEqual([[19]]);
    expect(readings('opened')).toEqual([[21]]);
    expect(readings('in_flight')).toEqual([[2]]);
    expect(readings('failure_rate')).toEqual([[0.7]]);
    expect(readings('slow_rate')).toEqual([[0.8]]);
  });

  it('tell the latency in seconds, and nothing where none is known', () => {
    expect(readings('latency')).toEqual([
      ['quantile', '0.5', 0.011],
      ['quantile', '0.9', 0.012],
      ['quantile', '0.95', 0.013],
      ['quantile', '0.99', 0.014],
    ]);
    expect(readings('latency', { ...STATS, latency: undefined })).toEqual([]);
  });

  it('ask every breaker of the source', () => {
    const list = [new CircuitBreaker({ name: 'a' }), new CircuitBreaker({ name: 'b' })];
    expect(readAll({ list: () => list }, metric('opened'))).toEqual([
      { value: 0, labels: { breaker: 'a' } },
      { value: 0, labels: { breaker: 'b' } },
    ]);
  });

  it('take for a source whatever has such a list, and nothing else', () => {
    expect(() => checkSource({ list: () => [] })).not.toThrow();
    for (const source of [undefined, null, {}, { list: [] }, 'list'] as never[]) {
      expect(() => checkSource(source)).toThrow(
        /^Option 'source' must be a registry, a group, or an object with list\(\); it is /,
      );
    }
  });
});
