import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Adyen for Platforms: `HmacSignature`, base64 HMAC-SHA256 of the body under the key in hexadecimal digits.
 */
export function adyenPlatform(): WebhookScheme {
  return definePreset({
    name: 'adyen-platform',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'hmacsignature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'hex', minBytes: 16 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'protocol and every other header',
      'the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
