import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { observeCaches } from '../../src/adapters/opentelemetry/index.js';
import { contracts } from '../support/classes.js';
import { listenersOf, observed } from '../support/observed.js';
import { startProcess } from '../support/process.js';

const providers: MeterProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
  metrics.disable();
});

const startMeter = () => {
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
      .flatMap(({ scope, metrics: told }) =>
        told.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({
            scope: scope.name,
            name,
            unit,
            attributes,
            value,
          })),
        ),
      );
  };
  return { provider, collect };
};

describe('the OpenTelemetry metrics', () => {
  it('tell the same, and end when told', async () => {
    const { provider, collect } = startMeter();
    const clock = new ManualClock();
    const cache = startProcess({ clock });
    cache.source.beforeAnswer = async () => clock.advance(20);
    const before = listenersOf(cache);
    const end = observeCaches({ shop: observed(cache) }, { meter: provider.getMeter('test') });
    await cache.engine.read(contracts, { id: 1 }, {});
    await cache.engine.read(contracts, { id: 1 }, {});
    const collected = await collect();
    const of = (name: string, labels = {}) =>
      collected.find(
        (point) =>
          point.name === `aggregation_cache.${name}` &&
          Object.entries(labels).every(([key, value]) => point.attributes[key] === value),
      );
    const read = { cache: 'shop', class: 'contracts', stale: 'false' };
    for (const source of ['member', 'memory']) {
      expect(of('reads', { source })).toMatchObject({
        unit: '{read}',
        value: 1,
        attributes: { ...read, source },
      });
    }
    expect(of('fill.duration')).toMatchObject({
      unit: 's',
      attributes: { cache: 'shop', class: 'contracts' },
      value: { sum: 0.02, count: 1, buckets: { boundaries: expect.arrayContaining([0.001, 10]) } },
    });
    expect(of('remote.state', { state: 'none' })).toMatchObject({ value: 1 });
    expect(of('memory.usage')).toMatchObject({ unit: 'By' });
    end();
    await cache.engine.read(contracts, { id: 1 }, {});
    expect(await collect()).toEqual([]);
    expect(listenersOf(cache)).toBe(before);
  });

  it('go to the global meter of this package by default', async () => {
    const { provider, collect } = startMeter();
    metrics.setGlobalMeterProvider(provider);
    observeCaches(observed(startProcess({ clock: new ManualClock() })));
    const scopes = new Set((await collect()).map(({ scope }) => scope));
    expect(scopes).toEqual(new Set(['@nestcms/aggregation-cache']));
  });

  it('refuse what is no cache', () => {
    expect(() => observeCaches([] as never)).toThrow(/caches/);
  });
});
