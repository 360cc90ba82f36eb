import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Xero: `x-xero-signature`, base64 HMAC-SHA256 of the body. Its intent to receive is a delivery like any other: a
 * wrong one must be answered 401, as refusals are.
 */
export function xero(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'xero',
    signature: { kind: 'header', name: 'x-xero-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
