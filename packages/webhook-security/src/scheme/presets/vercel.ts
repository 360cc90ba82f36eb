import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Vercel: `x-vercel-signature`, hexadecimal HMAC-SHA1 of the body. SHA-1 is the sender's choice.
 */
export function vercel(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'vercel',
    signature: { kind: 'header', name: 'x-vercel-signature' },
    versions: [
      {
        algorithm: 'hmac-sha1',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
