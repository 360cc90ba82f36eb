import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { BODY, JSON_POST, SECRET } from './common.js';

/**
 * Telegram bots: `X-Telegram-Bot-Api-Secret-Token`, the secret itself. Nothing of the request is signed.
 */
export function telegram(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'telegram',
    signature: { kind: 'header', name: 'x-telegram-bot-api-secret-token' },
    versions: [
      {
        algorithm: 'token',
        encoding: 'text',
        key: SECRET,
      },
    ],
    message: BODY,
    deliveryId: { kind: 'content', paths: [['update_id']] },
    unsigned: ['everything: the token only shows that the sender knows it'],
  });
}
