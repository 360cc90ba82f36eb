import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { observeBreakers } from './observe-breakers.js';

const providers: MeterProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
});

const setup = () => {
  // With cumulative temporality the SDK itself goes on telling of what was once observed.
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  const collect = async () => {
    exporter.reset();
    await reader.forceFlush();
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      );
  };
  return { meter: provider.getMeter('test'), collect };
};

describe('the OpenTelemetry metrics', () => {
  it('tell of each breaker what its stats say when they are collected', async () => {
    const { meter, collect } = setup();
    const breaker = new CircuitBreaker({ name: 'redis', minimumCalls: 1 });
    observeBreakers({ list: () => [breaker] }, { meter });
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    await breaker.execute(() => 1).catch(() => {});
    const collected = await collect();
    const of = (name: string, labels = {}) =>
      collected.find(
        (point) =>
          point.name === `circuit_breaker.${name}` &&
          Object.entries(labels).every(([key, value]) => point.attributes[key] === value),
      );
    expect(of('state', { state: 'open' })).toMatchObject({
      value: 1,
      attributes: { breaker: 'redis' },
    });
    expect(of('state', { state: 'closed' })).toMatchObject({ value: 0 });
    expect(of('calls', { outcome: 'failure' })).toMatchObject({ value: 1 });
    expect(of('rejected')).toMatchObject({ value: 1 });
    expect(of('opened')).toMatchObject({ value: 1 });
    expect(of('failure_rate')).toMatchObject({ value: 1 });
  });

  it('forget a breaker that is gone, and end when told', async () => {
    const { meter, collect } = setup();
    const list = [new CircuitBreaker({ name: 'a' }), new CircuitBreaker({ name: 'b' })];
    const end = observeBreakers({ list: () => list }, { meter });
    const names = async () =>
      new Set((await collect()).map(({ attributes }) => attributes.breaker));
    expect(await names()).toEqual(new Set(['a', 'b']));
    list.shift();
    expect(await names()).toEqual(new Set(['b']));
    end();
    expect(await names()).toEqual(new Set());
  });

  it('go to the global meter by default, and refuse a source without a list', () => {
    expect(() => observeBreakers({ list: () => [] })()).not.toThrow();
    expect(() => observeBreakers([] as never)).toThrow(/source/);
  });
});
