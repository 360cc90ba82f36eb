import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { JSON_POST, NO_END_OF_QUERY, NO_TIME, SECRET } from './common.js';

/**
 * Square: `X-Square-HmacSha256-Signature`, base64 HMAC-SHA256 of the notification address and the body. Give the
 * verifier that address as `url`, exactly as it stands in the subscription.
 */
export function square(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'square',
    signature: { kind: 'header', name: 'x-square-hmacsha256-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: ['url', 'body'] },
    unsigned: ['every other header and the method', NO_END_OF_QUERY, NO_TIME],
  });
}
