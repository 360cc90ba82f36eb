import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Zendesk: `X-Zendesk-Webhook-Signature`, base64 HMAC-SHA256 of time and body.
 */
export function zendesk(): WebhookScheme {
  return definePreset({
    name: 'zendesk',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-zendesk-webhook-signature' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['time', 'body'] },
    headerTime: { kind: 'header', name: 'x-zendesk-webhook-signature-timestamp', unit: 'iso' },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['x-zendesk-webhook-id and every other header', 'the URL, its query and the method'],
  });
}
