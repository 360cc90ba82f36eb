import type { WebhookEvent } from '../observer.js';

/** A counter that both metric adapters keep. */
export interface WebhookCount {
  /** Written with dots, as OpenTelemetry has names; Prometheus writes them with underscores. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** The labels of an event that counts; undefined for one that does not. No label comes from a request. */
  readonly labelsOf: (event: WebhookEvent) => Readonly<Record<string, string>> | undefined;
}

export const WEBHOOK_COUNTS: readonly WebhookCount[] = [
  {
    name: 'webhook.verdicts',
    help: 'Requests by verdict; of a refusal the reason, of an accepted one how stale it is.',
    labels: ['scheme', 'verdict', 'reason'],
    labelsOf: (event) => {
      const { scheme } = event;
      switch (event.event) {
        case 'accepted':
          return { scheme, verdict: 'accepted', reason: event.staleness ?? '' };
        case 'refused':
          return { scheme, verdict: 'refused', reason: event.reason };
        case 'replayed':
          return { scheme, verdict: 'replayed', reason: event.repeat };
        case 'challenged':
          return { scheme, verdict: 'challenged', reason: '' };
        default:
          return undefined;
      }
    },
  },
  {
    name: 'webhook.store.failures',
    help: 'Replay store operations that failed or stayed silent.',
    labels: ['scheme', 'operation'],
    labelsOf: (event) =>
      event.event === 'storeFailed'
        ? { scheme: event.scheme, operation: event.operation }
        : undefined,
  },
  {
    name: 'webhook.old_key.uses',
    help: 'Requests that only a key other than the newest could verify.',
    labels: ['scheme'],
    labelsOf: (event) => (event.event === 'oldKeyUsed' ? { scheme: event.scheme } : undefined),
  },
];
