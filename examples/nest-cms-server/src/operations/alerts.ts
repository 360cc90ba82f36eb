import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { MoneyAlertReason } from '../payments/payment.events.js';
import { LOGGER, type Logger } from '../platform/logger.js';
import type { StoredEvent } from '../platform/outbox/event.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { Metrics } from './metrics.js';

export const ALERT_RAISED = 'alert.raised';

/** What each alert means to whoever is called by it. A reason that is not named here is counted as `other`. */
const MEANINGS: Readonly<Record<MoneyAlertReason, string>> = {
  unknownCart: 'a signed notice names a cart that is none of ours',
  bindingMismatch: 'a transaction does not fit the payment that it names',
  paidTwice: 'money came for a payment that was paid already',
  unknownTransaction: 'a signed notice names a transaction that the gateway does not know',
  heldByGateway:
    'risk screening holds money until somebody decides in the dashboard of the gateway',
  undoneAtGateway: 'money of a payment went back at the gateway; the books do not show it',
  unreadableTransaction: 'the gateway tells of a transaction that cannot be read; it may be money',
  undecided: 'the gateway has left the end of a try open for a day',
};

/**
 * Brings alerts to people: a line at `error` to be alarmed by, and a counter. The events themselves
 * stay in the outbox for good. An alert may come twice, as every event may.
 */
@Injectable()
export class Alerts implements OnModuleInit {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // From the beginning, so that a board shows 0 and not nothing, and the first one is a rise.
    for (const reason of [...Object.keys(MEANINGS), 'other'])
      this.metrics.alerts.inc({ reason }, 0);
  }

  onModuleInit(): void {
    this.relay.keep(ALERT_RAISED);
    this.relay.subscribe('alerts', async (event) => {
      if (event.type === ALERT_RAISED) this.raise(event);
    });
  }

  private raise({ id: eventId, aggregate, time, data }: StoredEvent): void {
    const { reason, cartId, tranRef, mismatches } = data;
    const meaning = Object.hasOwn(MEANINGS, String(reason))
      ? MEANINGS[reason as MoneyAlertReason]
      : undefined;
    this.metrics.alerts.inc({ reason: meaning === undefined ? 'other' : String(reason) });
    // These fields alone, whatever else an event may hold: the log is no place for personal data.
    this.logger.error(
      { eventId, aggregate, raisedAt: time, reason, meaning, cartId, tranRef, mismatches },
      'alert: a person must look at this',
    );
  }
}
