import { Counter, register as defaultRegister, type Registry } from 'prom-client';
import { WEBHOOK_COUNTS } from '../../metrics/webhook-counts.js';
import type { WebhookObserver } from '../../observer.js';
import { refuseUnknown } from '../../validation.js';

export interface PrometheusOptions {
  /** Where the counters are registered. Default: prom-client's default register. */
  readonly register?: Registry | undefined;
}

/**
 * An observer that counts: `webhook_verdicts_total`, `webhook_store_failures_total`,
 * `webhook_old_key_uses_total`. Give one to all verifiers; the label `scheme` tells them apart.
 * @throws what prom-client throws if the names are taken in that register
 */
export function createPrometheusObserver(options: PrometheusOptions = {}): WebhookObserver {
  refuseUnknown('', options, ['register']);
  const registers = [options.register ?? defaultRegister];
  const counters = WEBHOOK_COUNTS.map(({ name, help, labels, labelsOf }) => {
    const full = `${name.replaceAll('.', '_')}_total`;
    const counter = new Counter({ name: full, help, labelNames: [...labels], registers });
    return { counter, labelsOf };
  });
  return (event) => {
    for (const { counter, labelsOf } of counters) {
      const labels = labelsOf(event);
      if (labels !== undefined) counter.inc(labels);
    }
  };
}
