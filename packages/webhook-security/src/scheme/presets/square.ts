import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Square: `X-Square-HmacSha256-Signature`, base64 HMAC-SHA256 of the notification address and the body. Give the
 * verifier that address as `url`, exactly as it stands in the subscription.
 */
export function square(): WebhookScheme {
  return definePreset({
    name: 'square',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-square-hmacsha256-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['url', 'body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'every other header and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
