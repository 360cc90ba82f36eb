import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * PagerDuty: `X-PagerDuty-Signature: v1=…`, hexadecimal HMAC-SHA256 of the body; several while a secret is rotated.
 */
export function pagerDuty(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'pagerduty',
    signature: { kind: 'header', name: 'x-pagerduty-signature', separator: ',' },
    versions: [
      {
        label: 'v1=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
