import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * GoCardless: `Webhook-Signature`, hexadecimal HMAC-SHA256 of the body, which holds a list of events.
 */
export function goCardless(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'gocardless',
    signature: { kind: 'header', name: 'webhook-signature' },
    versions: [{ algorithm: 'hmac-sha256', encoding: 'hex', key: SECRET }],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
