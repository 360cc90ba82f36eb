import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Shopify: `X-Shopify-Hmac-Sha256`, base64 HMAC-SHA256 of the body under the app's client secret. Topic, shop and
 * webhook id stand in headers that are not signed.
 */
export function shopify(): WebhookScheme {
  return definePreset({
    name: 'shopify',
    methods: ['POST'],
    contentTypes: ['application/json', 'application/xml', 'text/xml'],
    content: 'json',
    signature: { kind: 'header', name: 'x-shopify-hmac-sha256' },
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
      'x-shopify-topic, x-shopify-shop-domain, x-shopify-webhook-id and every other header',
      'the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
