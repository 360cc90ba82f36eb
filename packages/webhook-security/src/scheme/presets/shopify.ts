import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Shopify: `X-Shopify-Hmac-Sha256`, base64 HMAC-SHA256 of the body under the app's client secret. Topic, shop and
 * webhook id stand in headers that are not signed.
 */
export function shopify(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'shopify',
    contentTypes: ['application/json', 'application/xml', 'text/xml'],
    signature: { kind: 'header', name: 'x-shopify-hmac-sha256' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [
      'x-shopify-topic, x-shopify-shop-domain, x-shopify-webhook-id and every other header',
      ADDRESS,
      NO_TIME,
    ],
  });
}
