import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { observeClients } from '../src/adapters/opentelemetry/index.js';
import { reply, talk } from './with-dispatcher.js';
import { listenersOf } from './with-simulator.js';

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
    const { client } = talk(
      () => {
        clock.advance(700);
        return reply([]);
      },
      { clock },
    );
    const own = listenersOf(client);
    const end = observeClients(client, { meter: provider.getMeter('test') });
    await client.queryByCart({ cartId: 'order-1001' });
    client.breakers.write.holdOpen();
    const collected = await collect();
    const of = (name: string, labels = {}) =>
      collected.find(
        (point) =>
          point.name === `paytabs.${name}` &&
          Object.entries(labels).every(([key, value]) => point.attributes[key] === value),
      );
    const call = { profile: '98765', operation: 'queryByCart', kind: 'read' };
    expect(of('requests')).toMatchObject({
      unit: '{request}',
      value: 1,
      attributes: { ...call, ending: 'rows' },
    });
    expect(of('request.duration')).toMatchObject({
      unit: 's',
      attributes: call,
      value: { sum: 0.7, count: 1, buckets: { boundaries: expect.arrayContaining([0.05, 60]) } },
    });
    expect(of('mode.mismatches')).toMatchObject({ value: 0, attributes: { profile: '98765' } });
    const write = { profile: '98765', kind: 'write' };
    expect(of('breaker.state', { ...write, state: 'open' })).toMatchObject({ value: 1 });
    expect(of('breaker.state', { ...write, state: 'closed' })).toMatchObject({ value: 0 });
    end();
    await client.queryByCart({ cartId: 'order-1001' });
    expect(await collect()).toEqual([]);
    expect(listenersOf(client)).toBe(own);
  });

  it('go to the global meter of this package by default', async () => {
    const { provider, collect } = startMeter();
    metrics.setGlobalMeterProvider(provider);
    observeClients([talk([]).client]);
    const scopes = new Set((await collect()).map(({ scope }) => scope));
    expect(scopes).toEqual(new Set(['@nestcms/paytabs-client']));
  });
});
