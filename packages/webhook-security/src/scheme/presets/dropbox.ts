import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Dropbox: `X-Dropbox-Signature`, hexadecimal HMAC-SHA256 of the body under the app's secret. Its GET with
 * `challenge` is answered as a handshake.
 */
export function dropbox(): WebhookScheme {
  return definePreset({
    name: 'dropbox',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-dropbox-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    handshake: { kind: 'query', method: 'GET', echo: 'challenge' },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'every other header, the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
