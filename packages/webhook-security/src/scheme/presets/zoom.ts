import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST, SECRET } from './common.js';

/**
 * Zoom: `x-zm-signature: v0=…`, hexadecimal HMAC-SHA256 of version, time and body. `endpoint.url_validation` is
 * answered as a handshake.
 */
export function zoom(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'zoom',
    signature: { kind: 'header', name: 'x-zm-signature' },
    versions: [
      {
        label: 'v0=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'] },
    headerTime: { kind: 'header', name: 'x-zm-request-timestamp' },
    handshake: {
      kind: 'body',
      when: { path: ['event'], equals: 'endpoint.url_validation' },
      reply: {
        kind: 'hmac',
        path: ['payload', 'plainToken'],
        plainName: 'plainToken',
        hmacName: 'encryptedToken',
      },
    },
    unsigned: [ALL_ELSE],
  });
}
