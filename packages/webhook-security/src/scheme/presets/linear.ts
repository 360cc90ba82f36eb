import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Linear: `Linear-Signature`, hexadecimal HMAC-SHA256 of the body, which holds the time of sending.
 */
export function linear(): WebhookScheme {
  return definePreset({
    name: 'linear',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'linear-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    bodyTime: { path: ['webhookTimestamp'], unit: 'ms', maxAgeMs: 60_000, maxAheadMs: 60_000 },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'linear-delivery, linear-event and every other header',
      'the URL, its query and the method',
    ],
  });
}
