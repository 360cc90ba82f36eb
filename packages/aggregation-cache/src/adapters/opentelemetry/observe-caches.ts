import { type Meter, metrics, type ObservableResult } from '@opentelemetry/api';
import { FILL_DURATION } from '../../metrics/cache-metrics.js';
import { type Exporter, type ObservedCaches, observeAll } from '../../metrics/observed-caches.js';
import { refuseUnknown } from '../../validation.js';

export interface OpenTelemetryOptions {
  /** Default: the global meter named `@nestcms/aggregation-cache`. */
  readonly meter?: Meter | undefined;
}

/**
 * Observes these caches with OpenTelemetry, in metrics named `aggregation_cache.…`; the attribute `cache` tells
 * the caches apart. Without it they cost nothing.
 * @returns a function that ends it
 * @throws INVALID_OPTION
 */
export const observeCaches = (
  caches: ObservedCaches,
  options: OpenTelemetryOptions = {},
): (() => void) => {
  refuseUnknown('', options, ['meter']);
  const meter = options.meter ?? metrics.getMeter('@nestcms/aggregation-cache');
  return observeAll(caches, exporterFor(meter));
};

const exporterFor = (meter: Meter): Exporter => ({
  observe({ name, kind, help: description, unit }, _labels, read) {
    const instrument =
      kind === 'counter'
        ? meter.createObservableCounter(name, { description, unit })
        : meter.createObservableGauge(name, { description, unit });
    const observe = (result: ObservableResult) => {
      for (const { labels, value } of read()) result.observe(value, labels);
    };
    instrument.addCallback(observe);
    return () => instrument.removeCallback(observe);
  },
  histogram() {
    const { name, help: description, unit, bounds } = FILL_DURATION;
    const advice = { explicitBucketBoundaries: [...bounds] };
    const histogram = meter.createHistogram(name, { description, unit, advice });
    return { record: (seconds, labels) => histogram.record(seconds, labels), end: () => {} };
  },
});
