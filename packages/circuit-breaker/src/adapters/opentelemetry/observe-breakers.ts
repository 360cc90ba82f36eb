import { type Meter, metrics, type ObservableResult } from '@opentelemetry/api';
import {
  BREAKER_METRICS,
  type BreakerMetric,
  type BreakerSource,
  checkSource,
  readAll,
} from '../../metrics/breaker-metrics.js';
import { refuseUnknown } from '../../validation.js';

export interface OpenTelemetryOptions {
  /** Default: the global meter named `@nestcms/circuit-breaker`. */
  readonly meter?: Meter | undefined;
}

/**
 * Observes all breakers in `source` with OpenTelemetry. They are read when the metrics are collected;
 * between collections this costs nothing.
 * @returns a function that ends it
 * @throws InvalidOptionError for a source without a list
 */
export const observeBreakers = (
  source: BreakerSource,
  options: OpenTelemetryOptions = {},
): (() => void) => {
  checkSource(source);
  refuseUnknown('', options, ['meter']);
  const meter = options.meter ?? metrics.getMeter('@nestcms/circuit-breaker');
  const ends = BREAKER_METRICS.map((metric) => {
    const instrument = instrumentOf(meter, metric);
    const observe = (result: ObservableResult) => {
      for (const { labels, value } of readAll(source, metric)) result.observe(value, labels);
    };
    instrument.addCallback(observe);
    return () => instrument.removeCallback(observe);
  });
  return () => {
    for (const end of ends) end();
  };
};

const instrumentOf = (meter: Meter, { name, kind, help: description, unit }: BreakerMetric) =>
  kind === 'gauge'
    ? meter.createObservableGauge(name, { description, unit })
    : meter.createObservableCounter(name, { description, unit });
