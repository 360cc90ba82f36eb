import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Heroku: `Heroku-Webhook-Hmac-SHA256`, base64 HMAC-SHA256 of the body.
 */
export function heroku(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'heroku',
    signature: { kind: 'header', name: 'heroku-webhook-hmac-sha256' },
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
