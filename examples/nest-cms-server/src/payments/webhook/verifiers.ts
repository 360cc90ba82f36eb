import { createNotificationVerifier } from '@nestcms/paytabs-client';
import { createWebhookVerifier, payTabsReturn, type WebhookEvent } from '@nestcms/webhook-security';
import type { FactoryProvider } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { Metrics } from '../../operations/metrics.js';
import { CLOCK, type Clock } from '../../platform/clock.js';
import { LOGGER, type Logger } from '../../platform/logger.js';

/** Nest tokens of the two verifiers: of the gateway's notices, and of the browser's return. */
export const CALLBACK_VERIFIER = Symbol('CallbackVerifier');
export const RETURN_VERIFIER = Symbol('ReturnVerifier');

export const verifierProviders: readonly FactoryProvider[] = [
  {
    provide: CALLBACK_VERIFIER,
    inject: [ENVIRONMENT, CLOCK, LOGGER, Metrics],
    useFactory: (
      { paytabs, trustedProxies }: Environment,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) =>
      // No replay store: the inbox document is the claim, in the database that holds the money.
      createNotificationVerifier({
        keys: [paytabs.serverKey],
        ...(paytabs.allowedAddresses.length > 0 && { allow: paytabs.allowedAddresses }),
        trustedProxies,
        clock,
        observer: (event) => observe(event, logger, metrics),
      }),
  },
  {
    provide: RETURN_VERIFIER,
    inject: [ENVIRONMENT, CLOCK],
    useFactory: ({ paytabs, trustedProxies }: Environment, clock: Clock) =>
      createWebhookVerifier({
        scheme: payTabsReturn(),
        keys: [paytabs.serverKey],
        trustedProxies,
        clock,
      }),
  },
];

function observe(event: WebhookEvent, logger: Logger, metrics: Metrics): void {
  if (event.event === 'accepted') {
    const reason = event.staleness ?? 'fresh';
    metrics.webhookVerdicts.inc({ verdict: 'accepted', reason });
    logger.info({ deliveryId: event.deliveryId, reason }, 'notice accepted');
  } else if (event.event === 'refused') {
    const { reason, stage, clientAddress, paths } = event;
    metrics.webhookVerdicts.inc({ verdict: 'refused', reason });
    logger.warn({ reason, stage, clientAddress, paths }, 'notice refused');
  }
}
