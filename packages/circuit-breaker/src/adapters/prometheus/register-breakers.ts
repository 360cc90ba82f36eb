import { Counter, register as defaultRegister, Gauge, type Registry } from 'prom-client';
import {
  BREAKER_METRICS,
  type BreakerMetric,
  type BreakerSource,
  checkSource,
  readAll,
} from '../../metrics/breaker-metrics.js';
import { refuseUnknown } from '../../validation.js';

export interface PrometheusOptions {
  /** Where the metrics are registered. Default: prom-client's default register. */
  readonly register?: Registry | undefined;
}

/** `circuit_breaker.in_flight` becomes `circuit_breaker_in_flight`; counters end in `_total`. */
const promName = ({ name, kind, unit }: BreakerMetric): string => {
  const plain = name.replaceAll('.', '_');
  if (kind === 'counter') return `${plain}_total`;
  return unit === 's' ? `${plain}_seconds` : plain;
};

/**
 * Registers metrics of all breakers in `source` with prom-client. They are read when Prometheus scrapes;
 * between scrapes this costs nothing. Of breakers with one name the last one listed is told.
 * @returns a function that takes the metrics out again
 * @throws InvalidOptionError for a source without a list, and what prom-client throws if the names are
 *   taken in that register
 */
export const registerBreakers = (
  source: BreakerSource,
  options: PrometheusOptions = {},
): (() => void) => {
  checkSource(source);
  refuseUnknown('', options, ['register']);
  const register = options.register ?? defaultRegister;
  const names = BREAKER_METRICS.map((metric) => {
    const name = promName(metric);
    const labelNames = ['breaker', ...metric.labels];
    const shared = { name, help: metric.help, labelNames, registers: [register] };
    if (metric.kind === 'gauge') {
      new Gauge({
        ...shared,
        collect() {
          this.reset();
          for (const { labels, value } of readAll(source, metric)) this.set(labels, value);
        },
      });
    } else {
      new Counter({
        ...shared,
        collect() {
          this.reset();
          for (const { labels, value } of readAll(source, metric)) this.inc(labels, value);
        },
      });
    }
    return name;
  });
  return () => {
    for (const name of names) register.removeSingleMetric(name);
  };
};
