import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST, SECRET } from './common.js';

/**
 * WorkOS: `WorkOS-Signature: t=…, v1=…`, hexadecimal HMAC-SHA256 of a time in milliseconds and the body.
 */
export function workOS(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'workos',
    signature: { kind: 'header', name: 'workos-signature', separator: ', ' },
    versions: [
      {
        label: 'v1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    headerTime: { kind: 'entry', label: 't=', unit: 'ms' },
    unsigned: [ALL_ELSE],
  });
}
