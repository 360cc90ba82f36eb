import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Lemon Squeezy: `X-Signature`, hexadecimal HMAC-SHA256 of the body.
 */
export function lemonSqueezy(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'lemon-squeezy',
    signature: { kind: 'header', name: 'x-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: ['x-event-name and every other header', ADDRESS, NO_TIME],
  });
}
