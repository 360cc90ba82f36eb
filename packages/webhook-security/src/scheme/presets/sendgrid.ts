import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, JSON_POST } from './common.js';

/**
 * SendGrid event webhook: `X-Twilio-Email-Event-Webhook-Signature`, ECDSA (P-256, SHA-256) of time and body,
 * checked with the verification key as SendGrid shows it.
 */
export function sendGrid(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'sendgrid',
    signature: { kind: 'header', name: 'x-twilio-email-event-webhook-signature' },
    versions: [
      {
        algorithm: 'ecdsa-p256-sha256',
        encoding: 'base64',
        key: { encoding: 'base64', minBytes: 64 },
      },
    ],
    message: { kind: 'parts', parts: ['time', 'body'] },
    headerTime: { kind: 'header', name: 'x-twilio-email-event-webhook-timestamp' },
    unsigned: [ALL_ELSE],
  });
}
