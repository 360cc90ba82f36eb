import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Bitbucket: `X-Hub-Signature: sha256=…`, hexadecimal HMAC-SHA256 of the body.
 */
export function bitbucket(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'bitbucket',
    signature: { kind: 'header', name: 'x-hub-signature' },
    versions: [
      {
        label: 'sha256=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
