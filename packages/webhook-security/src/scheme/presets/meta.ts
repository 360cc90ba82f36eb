import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Meta (Facebook, Instagram, WhatsApp): `X-Hub-Signature-256`, hexadecimal HMAC-SHA256 of the body under the app's
 * secret. Its GET with `hub.verify_token` is answered as a handshake: give the verifier that text as `verifyToken`.
 */
export function meta(): WebhookScheme {
  return definePreset({
    name: 'meta',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-hub-signature-256' },
    versions: [
      {
        label: 'sha256=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    handshake: {
      kind: 'query',
      method: 'GET',
      when: { name: 'hub.mode', equals: 'subscribe' },
      token: 'hub.verify_token',
      echo: 'hub.challenge',
    },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: [
      'every other header, the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
