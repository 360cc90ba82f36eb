import type { WebhookScheme } from '../scheme.js';
import { signedLikeStripe } from './signed-like-stripe.js';

/**
 * Mux: `Mux-Signature: t=…,v1=…`, hexadecimal HMAC-SHA256 of time and body.
 */
export function mux(): WebhookScheme {
  return signedLikeStripe('mux', 'mux-signature');
}
