import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST } from './common.js';

/**
 * Discord: `X-Signature-Ed25519` over time and body, checked with the application's public key in hexadecimal
 * digits. A ping is answered as a handshake.
 */
export function discord(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'discord',
    signature: { kind: 'header', name: 'x-signature-ed25519' },
    versions: [
      {
        algorithm: 'ed25519',
        encoding: 'hex',
        key: { encoding: 'hex', minBytes: 32 },
      },
    ],
    message: { kind: 'parts', parts: ['time', 'body'] },
    headerTime: { kind: 'header', name: 'x-signature-timestamp' },
    handshake: {
      kind: 'body',
      when: { path: ['type'], equals: 1 },
      reply: { kind: 'json', value: { type: 1 } },
    },
    unsigned: [ALL_ELSE],
  });
}
