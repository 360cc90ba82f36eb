import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Stripe: `Stripe-Signature: t=…,v1=…`, hexadecimal HMAC-SHA256 of time and body. The whole text of the secret,
 * `whsec_` included, is the key.
 */
export function stripe(): WebhookScheme {
  return definePreset({
    name: 'stripe',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'stripe-signature', separator: ',' },
    versions: [
      {
        label: 'v1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    headerTime: { kind: 'entry', label: 't=' },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
