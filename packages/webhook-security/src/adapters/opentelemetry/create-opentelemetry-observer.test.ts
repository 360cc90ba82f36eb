import { type Span, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, expect, it, vi } from 'vitest';
import { callback, notice, verifierWith } from '../../../test/requests.js';
import { createOpenTelemetryObserver } from './index.js';

const providers: MeterProvider[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const provider of providers.splice(0)) await provider.shutdown();
});

it('counts each request once by its verdict', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  const observer = createOpenTelemetryObserver({ meter: provider.getMeter('test') });
  const verifier = verifierWith({ observer });
  await verifier.verify(callback());
  await verifier.verify(callback(notice, { body: Buffer.from('{}') }));
  await reader.forceFlush();
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
    );
  expect(points).toEqual([
    ['webhook.verdicts', { scheme: 'paytabs', verdict: 'accepted', reason: '' }, 1],
    ['webhook.verdicts', { scheme: 'paytabs', verdict: 'refused', reason: 'signature' }, 1],
  ]);
});

it('notes verdict and reason on the span that is active', async () => {
  const attributes: Record<string, unknown> = {};
  const span = {
    setAttribute: (name: string, value: unknown) => {
      attributes[name] = value;
    },
  } as unknown as Span;
  vi.spyOn(trace, 'getActiveSpan').mockReturnValue(span);
  const verifier = verifierWith({ observer: createOpenTelemetryObserver() });
  await verifier.verify(callback(notice, { body: Buffer.from('{}') }));
  expect(attributes).toEqual({
    'webhook.scheme': 'paytabs',
    'webhook.verdict': 'refused',
    'webhook.reason': 'signature',
  });
});
