import { type Meter, metrics, type ObservableResult } from '@opentelemetry/api';
import type { PayTabsClient } from '../../client/paytabs-client.js';
import {
  BREAKER_STATE,
  breakerStates,
  CLIENT_METRICS,
  clientsOf,
  DURATION_BOUNDS_S,
  type FedMetric,
  feed,
  type Labels,
  refuseUnknown,
} from '../../metrics/client-metrics.js';

export interface OpenTelemetryOptions {
  /** Default: the global meter named `@nestcms/paytabs-client`. */
  readonly meter?: Meter | undefined;
}

/**
 * Observes these clients with OpenTelemetry, in metrics named `paytabs.…`; the attribute `profile` tells the clients
 * apart. Without it they cost nothing.
 * @returns a function that ends it
 * @throws PayTabsError INVALID_OPTION
 */
export function observeClients(
  clients: PayTabsClient | readonly PayTabsClient[],
  options: OpenTelemetryOptions = {},
): () => void {
  const all = clientsOf(clients);
  refuseUnknown(options, 'meter');
  const meter = options.meter ?? metrics.getMeter('@nestcms/paytabs-client');
  const ends = CLIENT_METRICS.map((metric) => feed(metric, all, adderOf(metric, meter)));
  const { name, help: description, unit } = BREAKER_STATE;
  const gauge = meter.createObservableGauge(name, { description, unit });
  const observe = (result: ObservableResult) => {
    for (const { labels, value } of breakerStates(all)) result.observe(value, labels);
  };
  gauge.addCallback(observe);
  return () => {
    for (const end of ends) end();
    gauge.removeCallback(observe);
  };
}

function adderOf({ name, kind, help: description, unit }: FedMetric, meter: Meter) {
  if (kind === 'counter') {
    const counter = meter.createCounter(name, { description, unit });
    return (value: number, labels: Labels) => counter.add(value, labels);
  }
  const advice = { explicitBucketBoundaries: [...DURATION_BOUNDS_S] };
  const histogram = meter.createHistogram(name, { description, unit, advice });
  return (value: number, labels: Labels) => histogram.record(value, labels);
}
