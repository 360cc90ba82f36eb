import { Counter, register as defaultRegister, Gauge, Histogram, type Registry } from 'prom-client';
import { FILL_DURATION } from '../../metrics/cache-metrics.js';
import { type Exporter, type ObservedCaches, observeAll } from '../../metrics/observed-caches.js';
import { refuseUnknown } from '../../validation.js';

export interface PrometheusOptions {
  /** Where the metrics are registered. Default: prom-client's default register. */
  readonly register?: Registry | undefined;
}

/**
 * Registers metrics of these caches with prom-client, all named `aggregation_cache_…`; the label `cache` tells
 * the caches apart. Without it they cost nothing.
 * @returns a function that takes the metrics out again
 * @throws INVALID_OPTION, and what prom-client throws if the names are taken in that register
 */
export const registerCaches = (
  caches: ObservedCaches,
  options: PrometheusOptions = {},
): (() => void) => {
  refuseUnknown('', options, ['register']);
  return observeAll(caches, exporterFor(options.register ?? defaultRegister));
};

/** Counters end in `_total`; sizes and times in their unit. */
const promName = (name: string, kind: string, unit: string): string => {
  const plain = name.replaceAll('.', '_');
  if (kind === 'counter') return `${plain}_total`;
  if (unit === 'By') return `${plain}_bytes`;
  return unit === 's' ? `${plain}_seconds` : plain;
};

const exporterFor = (register: Registry): Exporter => ({
  observe({ name: plain, kind, help, unit }, labelNames, read) {
    const name = promName(plain, kind, unit);
    const shared = { name, help, labelNames: [...labelNames], registers: [register] };
    if (kind === 'counter') {
      new Counter({
        ...shared,
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.inc(labels, value);
        },
      });
    } else {
      new Gauge({
        ...shared,
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.set(labels, value);
        },
      });
    }
    return () => register.removeSingleMetric(name);
  },
  histogram(labelNames) {
    const { help, bounds, unit } = FILL_DURATION;
    const name = promName(FILL_DURATION.name, 'histogram', unit);
    const histogram = new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...bounds],
      registers: [register],
    });
    return {
      record: (seconds, labels) => histogram.observe(labels, seconds),
      end: () => register.removeSingleMetric(name),
    };
  },
});
