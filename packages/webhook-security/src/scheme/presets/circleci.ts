import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * CircleCI: `circleci-signature`, a list of `v1=` and hexadecimal HMAC-SHA256 of the body.
 */
export function circleCI(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'circleci',
    signature: { kind: 'header', name: 'circleci-signature', separator: ',' },
    versions: [{ label: 'v1=', algorithm: 'hmac-sha256', encoding: 'hex', key: SECRET }],
    message: BODY,
    unsigned: ['circleci-event-type and every other header', ADDRESS, NO_TIME],
  });
}
