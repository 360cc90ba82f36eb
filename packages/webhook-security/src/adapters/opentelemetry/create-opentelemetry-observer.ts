import { type Meter, metrics, trace } from '@opentelemetry/api';
import { WEBHOOK_COUNTS } from '../../metrics/webhook-counts.js';
import type { WebhookEvent, WebhookObserver } from '../../observer.js';
import { refuseUnknown } from '../../validation.js';

export interface OpenTelemetryOptions {
  /** Default: the global meter of this package's name. */
  readonly meter?: Meter | undefined;
}

const METER_NAME = '@nestcms/webhook-security';

/**
 * An observer that counts `webhook.verdicts`, `webhook.store.failures` and `webhook.old_key.uses`, and
 * notes verdict and reason on the span that is active while the request is verified.
 */
export function createOpenTelemetryObserver(options: OpenTelemetryOptions = {}): WebhookObserver {
  refuseUnknown('', options, ['meter']);
  const meter = options.meter ?? metrics.getMeter(METER_NAME);
  const counters = WEBHOOK_COUNTS.map(({ name, help, labelsOf }) => ({
    counter: meter.createCounter(name, { description: help }),
    labelsOf,
  }));
  return (event) => {
    for (const { counter, labelsOf } of counters) {
      const labels = labelsOf(event);
      if (labels !== undefined) counter.add(1, labels);
    }
    noteOnSpan(event);
  };
}

function noteOnSpan(event: WebhookEvent): void {
  const span = trace.getActiveSpan();
  if (span === undefined || event.event === 'storeFailed' || event.event === 'oldKeyUsed') return;
  span.setAttribute('webhook.scheme', event.scheme);
  span.setAttribute('webhook.verdict', event.event);
  if (event.event === 'refused') span.setAttribute('webhook.reason', event.reason);
}
