import {
  createWebhookVerifier,
  payTabsCallback,
  type WebhookVerifier,
  type WebhookVerifierOptions,
} from '@nestcms/webhook-security';
import { payloadSchema } from './payload-schema.js';
import { type PayTabsNotification, readNotification } from './read-notification.js';

export interface NotificationVerifierOptions
  extends Omit<WebhookVerifierOptions<PayTabsNotification>, 'scheme' | 'payload'> {
  /** The profile's server keys, newest first: the gateway signs with the key that the client sends. */
  readonly keys: readonly string[];
}

const notificationSchema = payloadSchema(readNotification, 'is no notice of the gateway');

/**
 * The verifier of the gateway's callbacks and of its IPNs (the type "Default Web"), which are alike: signature over the raw bytes, age, and a payload that is a
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
