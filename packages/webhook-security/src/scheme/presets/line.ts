import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * LINE: `x-line-signature`, base64 HMAC-SHA256 of the body under the secret of the channel.
 */
export function line(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'line',
    signature: { kind: 'header', name: 'x-line-signature' },
    versions: [{ algorithm: 'hmac-sha256', encoding: 'base64', key: SECRET }],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
