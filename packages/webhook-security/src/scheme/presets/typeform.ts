import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Typeform: `Typeform-Signature: sha256=…`, base64 HMAC-SHA256 of the body.
 */
export function typeform(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'typeform',
    signature: { kind: 'header', name: 'typeform-signature' },
    versions: [{ label: 'sha256=', algorithm: 'hmac-sha256', encoding: 'base64', key: SECRET }],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
