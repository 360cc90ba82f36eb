import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, JSON_POST, SECRET } from './common.js';

/**
 * Zendesk: `X-Zendesk-Webhook-Signature`, base64 HMAC-SHA256 of time and body.
 */
export function zendesk(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'zendesk',
    signature: { kind: 'header', name: 'x-zendesk-webhook-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: ['time', 'body'] },
    headerTime: { kind: 'header', name: 'x-zendesk-webhook-signature-timestamp', unit: 'iso' },
    unsigned: ['x-zendesk-webhook-id and every other header', ADDRESS],
  });
}
