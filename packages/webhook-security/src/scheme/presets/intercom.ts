import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Intercom: `X-Hub-Signature: sha1=…`, hexadecimal HMAC-SHA1 of the body. SHA-1 is the sender's choice.
 */
export function intercom(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'intercom',
    signature: { kind: 'header', name: 'x-hub-signature' },
    versions: [
      {
        label: 'sha1=',
        algorithm: 'hmac-sha1',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
