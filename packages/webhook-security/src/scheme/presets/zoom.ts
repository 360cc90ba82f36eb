import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Zoom: `x-zm-signature: v0=…`, hexadecimal HMAC-SHA256 of version, time and body. `endpoint.url_validation` is
 * answered as a handshake.
 */
export function zoom(): WebhookScheme {
  return definePreset({
    name: 'zoom',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-zm-signature' },
    versions: [
      {
        label: 'v0=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'] },
    headerTime: { kind: 'header', name: 'x-zm-request-timestamp' },
    handshake: {
      kind: 'body',
      when: { path: ['event'], equals: 'endpoint.url_validation' },
      reply: {
        kind: 'hmac',
        path: ['payload', 'plainToken'],
        plainName: 'plainToken',
        hmacName: 'encryptedToken',
      },
    },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
