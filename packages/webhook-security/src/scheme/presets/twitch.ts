import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, JSON_POST, SECRET } from './common.js';

/**
 * Twitch EventSub: `Twitch-Eventsub-Message-Signature: sha256=…`, hexadecimal HMAC-SHA256 of id, time and body. The
 * challenge of a new subscription is answered as a handshake. A revocation is a delivery like any other.
 */
export function twitch(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'twitch',
    signature: { kind: 'header', name: 'twitch-eventsub-message-signature' },
    versions: [{ label: 'sha256=', algorithm: 'hmac-sha256', encoding: 'hex', key: SECRET }],
    // Nothing stands between them, but a time has one length before its fraction, and one `Z`, at its end.
    message: { kind: 'parts', parts: ['id', 'time', 'body'] },
    id: { header: 'twitch-eventsub-message-id' },
    headerTime: { kind: 'header', name: 'twitch-eventsub-message-timestamp', unit: 'iso' },
    deliveryId: { kind: 'header' },
    handshake: {
      kind: 'body',
      when: {
        path: ['subscription', 'status'],
        equals: 'webhook_callback_verification_pending',
      },
      reply: { kind: 'echo', path: ['challenge'] },
    },
    unsigned: [
      'twitch-eventsub-message-type, twitch-eventsub-message-retry and every other header',
      ADDRESS,
    ],
  });
}
