import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';

const common = {
  methods: ['POST'],
  signature: { kind: 'header', name: 'x-twilio-signature' },
  versions: [
    { algorithm: 'hmac-sha1', encoding: 'base64', key: { encoding: 'utf8', minBytes: 16 } },
  ],
  deliveryId: { kind: 'message' },
  maxBytes: 262_144,
  repeatStatus: 200,
  unsigned: [
    'every other header and the method',
    'the time: only a replay store ends the life of a request',
  ],
} as const;

/**
 * Twilio: `X-Twilio-Signature`, base64 HMAC-SHA1 (the sender's choice) of the whole address and the
 * fields of the form. Give the verifier the address as `url`; the query is taken from the request.
 */
export function twilio(): WebhookScheme {
  return definePreset({
    ...common,
    name: 'twilio',
    contentTypes: ['application/x-www-form-urlencoded'],
    content: 'form',
    message: { kind: 'parts', parts: ['url', 'pairs'] },
    unsigned: [
      ...common.unsigned,
      'where the name of a field ends and its value begins: nothing stands between them',
    ],
  });
}

/** The same for JSON, whose SHA-256 stands in the address as `bodySHA256`. */
export function twilioJson(): WebhookScheme {
  return definePreset({
    ...common,
    name: 'twilio-json',
    contentTypes: ['application/json'],
    content: 'json',
    message: { kind: 'parts', parts: ['url'] },
    bodyDigest: { query: 'bodySHA256' },
  });
}
