import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST, SECRET } from './common.js';

/** A header `t=…,v1=…`: the hexadecimal HMAC-SHA256 of time and body with a dot between. Several take after Stripe. */
export function signedLikeStripe(name: string, header: string): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name,
    signature: { kind: 'header', name: header, separator: ',' },
    versions: [{ label: 'v1=', algorithm: 'hmac-sha256', encoding: 'hex', key: SECRET }],
    message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    headerTime: { kind: 'entry', label: 't=' },
    unsigned: [ALL_ELSE],
  });
}
