import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Razorpay: `X-Razorpay-Signature`, hexadecimal HMAC-SHA256 of the body under the webhook's own secret.
 */
export function razorpay(): WebhookScheme {
  return definePreset({
    name: 'razorpay',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-razorpay-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'x-razorpay-event-id and every other header',
      'the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
