import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Razorpay: `X-Razorpay-Signature`, hexadecimal HMAC-SHA256 of the body under the webhook's own secret.
 */
export function razorpay(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'razorpay',
    signature: { kind: 'header', name: 'x-razorpay-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: ['x-razorpay-event-id and every other header', ADDRESS, NO_TIME],
  });
}
