import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * SendGrid event webhook: `X-Twilio-Email-Event-Webhook-Signature`, ECDSA (P-256, SHA-256) of time and body,
 * checked with the verification key as SendGrid shows it.
 */
export function sendGrid(): WebhookScheme {
  return definePreset({
    name: 'sendgrid',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
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
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
