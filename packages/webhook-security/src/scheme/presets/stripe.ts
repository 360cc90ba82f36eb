import type { WebhookScheme } from '../scheme.js';
import { signedLikeStripe } from './signed-like-stripe.js';

/**
 * Stripe: `Stripe-Signature: t=…,v1=…`, hexadecimal HMAC-SHA256 of time and body. The whole text of the secret,
 * `whsec_` included, is the key.
 */
export function stripe(): WebhookScheme {
  return signedLikeStripe('stripe', 'stripe-signature');
}
