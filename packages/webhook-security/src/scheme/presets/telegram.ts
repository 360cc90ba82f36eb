import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Telegram bots: `X-Telegram-Bot-Api-Secret-Token`, the secret itself. Nothing of the request is signed.
 */
export function telegram(): WebhookScheme {
  return definePreset({
    name: 'telegram',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-telegram-bot-api-secret-token' },
    versions: [
      {
        algorithm: 'token',
        encoding: 'text',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'content', paths: [['update_id']] },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['everything: the token only shows that the sender knows it'],
  });
}
