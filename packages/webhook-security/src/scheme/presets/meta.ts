import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ALL_ELSE, BODY, JSON_POST, NO_TIME, SECRET } from './common.js';

/**
 * Meta (Facebook, Instagram, WhatsApp): `X-Hub-Signature-256`, hexadecimal HMAC-SHA256 of the body under the app's
 * secret. Its GET with `hub.verify_token` is answered as a handshake: give the verifier that text as `verifyToken`.
 */
export function meta(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'meta',
    signature: { kind: 'header', name: 'x-hub-signature-256' },
    versions: [
      {
        label: 'sha256=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: BODY,
    handshake: {
      kind: 'query',
      method: 'GET',
      when: { name: 'hub.mode', equals: 'subscribe' },
      token: 'hub.verify_token',
      echo: 'hub.challenge',
    },
    unsigned: [ALL_ELSE, NO_TIME],
  });
}
