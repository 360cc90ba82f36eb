import type { WebhookScheme } from '../scheme.js';
import { signedLikeStripe } from './signed-like-stripe.js';

/**
 * Calendly: `Calendly-Webhook-Signature: t=…,v1=…`, hexadecimal HMAC-SHA256 of time and body.
 */
export function calendly(): WebhookScheme {
  return signedLikeStripe('calendly', 'calendly-webhook-signature');
}
