import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * WorkOS: `WorkOS-Signature: t=…, v1=…`, hexadecimal HMAC-SHA256 of a time in milliseconds and the body.
 */
export function workOS(): WebhookScheme {
  return definePreset({
    name: 'workos',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'workos-signature', separator: ', ' },
    versions: [
      {
        label: 'v1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    headerTime: { kind: 'entry', label: 't=', unit: 'ms' },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
