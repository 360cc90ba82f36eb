import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * WooCommerce: `X-WC-Webhook-Signature`, base64 HMAC-SHA256 of the body.
 */
export function wooCommerce(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'woocommerce',
    signature: { kind: 'header', name: 'x-wc-webhook-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [
      'x-wc-webhook-topic, x-wc-webhook-delivery-id and every other header',
      ADDRESS,
      NO_TIME,
    ],
  });
}
