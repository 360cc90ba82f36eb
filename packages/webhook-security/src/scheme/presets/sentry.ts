import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Sentry: `Sentry-Hook-Signature`, hexadecimal HMAC-SHA256 of the body. The time in its header is not signed.
 */
export function sentry(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'sentry',
    signature: { kind: 'header', name: 'sentry-hook-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [
      'sentry-hook-timestamp, sentry-hook-resource, request-id and every other header',
      ADDRESS,
      NO_TIME,
    ],
  });
}
