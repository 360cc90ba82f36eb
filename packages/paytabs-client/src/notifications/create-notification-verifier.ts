import {
  createWebhookVerifier,
  payTabsCallback,
  type WebhookVerifier,
  type WebhookVerifierOptions,
} from '@nestcms/webhook-security';
import { z } from 'zod';
import { isPayTabsError } from '../errors.js';
import { type PayTabsNotification, readNotification } from './read-notification.js';

export interface NotificationVerifierOptions
  extends Omit<WebhookVerifierOptions<PayTabsNotification>, 'scheme' | 'payload'> {
  /** The profile's server keys, newest first: the gateway signs with the key that the client sends. */
  readonly keys: readonly string[];
}

/** The reader as a schema, so that a body that is no notice shows among the verdicts. */
const notificationSchema = z.unknown().transform((payload, context): PayTabsNotification => {
  try {
    return readNotification(payload);
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
    context.addIssue({ code: 'custom', message: 'is no notice of the gateway' });
    return z.NEVER;
  }
});

/**
 * The verifier of the gateway's callbacks and IPNs: signature over the raw bytes, age, and a payload that is a
 * {@link PayTabsNotification} already. What it accepts is what the gateway reports; paid it is once a query says so.
 * @throws WebhookSecurityError for an impossible option
 */
export function createNotificationVerifier(
  options: NotificationVerifierOptions,
): WebhookVerifier<PayTabsNotification> {
  return createWebhookVerifier({
    ...options,
    scheme: payTabsCallback(),
    payload: notificationSchema,
  });
}
