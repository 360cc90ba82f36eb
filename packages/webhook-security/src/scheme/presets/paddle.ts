import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST, SECRET } from './common.js';

/**
 * Paddle Billing: `Paddle-Signature: ts=…;h1=…`, hexadecimal HMAC-SHA256 of time and body; several `h1` while a
 * secret is rotated.
 */
export function paddle(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'paddle',
    signature: { kind: 'header', name: 'paddle-signature', separator: ';' },
    versions: [
      {
        label: 'h1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: ['time', { text: ':' }, 'body'] },
    headerTime: { kind: 'entry', label: 'ts=' },
    unsigned: [ALL_ELSE],
  });
}
