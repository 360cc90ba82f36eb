import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME } from './common.js';

/**
 * Adyen for Platforms: `HmacSignature`, base64 HMAC-SHA256 of the body under the key in hexadecimal digits.
 */
export function adyenPlatform(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'adyen-platform',
    signature: { kind: 'header', name: 'hmacsignature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'hex', minBytes: 16 },
      },
    ],
    message: BODY,
    unsigned: ['protocol and every other header', ADDRESS, NO_TIME],
  });
}
