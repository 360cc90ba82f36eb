import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Calendly: `Calendly-Webhook-Signature: t=…,v1=…`, hexadecimal HMAC-SHA256 of time and body.
 */
export function calendly(): WebhookScheme {
  return definePreset({
    name: 'calendly',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'calendly-webhook-signature', separator: ',' },
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
