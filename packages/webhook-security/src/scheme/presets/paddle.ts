import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Paddle Billing: `Paddle-Signature: ts=…;h1=…`, hexadecimal HMAC-SHA256 of time and body; several `h1` while a
 * secret is rotated.
 */
export function paddle(): WebhookScheme {
  return definePreset({
    name: 'paddle',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'paddle-signature', separator: ';' },
    versions: [
      {
        label: 'h1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['time', { text: ':' }, 'body'] },
    headerTime: { kind: 'entry', label: 'ts=' },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
