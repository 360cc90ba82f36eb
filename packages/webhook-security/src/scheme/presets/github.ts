import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * GitHub: `X-Hub-Signature-256`, hexadecimal HMAC-SHA256 of the body. The delivery id is not signed.
 */
export function github(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'github',
    contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
    signature: { kind: 'header', name: 'x-hub-signature-256' },
    versions: [
      {
        label: 'sha256=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    maxBytes: 26_214_400,
    unsigned: ['x-github-event, x-github-delivery and every other header', ADDRESS, NO_TIME],
  });
}
