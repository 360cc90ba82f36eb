import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Coinbase Commerce: `X-CC-Webhook-Signature`, hexadecimal HMAC-SHA256 of the body.
 */
export function coinbaseCommerce(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'coinbase-commerce',
    signature: { kind: 'header', name: 'x-cc-webhook-signature' },
    versions: [{ algorithm: 'hmac-sha256', encoding: 'hex', key: SECRET }],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
