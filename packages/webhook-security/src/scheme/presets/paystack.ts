import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Paystack: `x-paystack-signature`, hexadecimal HMAC-SHA512 of the body under the secret key of the account.
 */
export function paystack(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'paystack',
    signature: { kind: 'header', name: 'x-paystack-signature' },
    versions: [{ algorithm: 'hmac-sha512', encoding: 'hex', key: SECRET }],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
