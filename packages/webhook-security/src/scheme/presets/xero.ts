import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Xero: `x-xero-signature`, base64 HMAC-SHA256 of the body. Its intent to receive is a delivery like any other: a
 * wrong one must be answered 401, as refusals are.
 */
export function xero(): WebhookScheme {
  return definePreset({
    name: 'xero',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-xero-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'every other header, the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
