import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Dropbox: `X-Dropbox-Signature`, hexadecimal HMAC-SHA256 of the body under the app's secret. Its GET with
 * `challenge` is answered as a handshake.
 */
export function dropbox(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'dropbox',
    signature: { kind: 'header', name: 'x-dropbox-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    handshake: { kind: 'query', method: 'GET', echo: 'challenge' },
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
