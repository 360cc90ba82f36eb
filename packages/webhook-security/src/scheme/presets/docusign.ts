import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * DocuSign Connect: `X-DocuSign-Signature-1`, base64 HMAC-SHA256 of the body under one of the account's keys.
 * Each further key has a header of its own, which is not read: give all of the account's keys while you rotate.
 */
export function docuSign(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'docusign',
    signature: { kind: 'header', name: 'x-docusign-signature-1' },
    versions: [{ algorithm: 'hmac-sha256', encoding: 'base64', key: SECRET }],
    message: BODY,
    unsigned: ['x-docusign-signature-2 and every other header', ADDRESS, NO_TIME],
  });
}
