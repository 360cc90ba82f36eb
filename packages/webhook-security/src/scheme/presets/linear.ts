import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, SECRET } from './common.js';

/**
 * Linear: `Linear-Signature`, hexadecimal HMAC-SHA256 of the body, which holds the time of sending.
 */
export function linear(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'linear',
    signature: { kind: 'header', name: 'linear-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    bodyTime: { path: ['webhookTimestamp'], unit: 'ms', maxAgeMs: 60_000, maxAheadMs: 60_000 },
    unsigned: ['linear-delivery, linear-event and every other header', ADDRESS],
  });
}
