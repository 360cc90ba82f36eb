import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Heroku: `Heroku-Webhook-Hmac-SHA256`, base64 HMAC-SHA256 of the body.
 */
export function heroku(): WebhookScheme {
  return definePreset({
    name: 'heroku',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'heroku-webhook-hmac-sha256' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'every other header, the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
