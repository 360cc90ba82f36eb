import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, a list of `v1,` (base64
 * HMAC-SHA256, key `whsec_…`) and `v1a,` (Ed25519, public key `whpk_…`) over id, time and body.
 */
export function standardWebhooks(): WebhookScheme {
  return defineLike('standard', 'webhook');
}

/** Svix and who sends through it: the same under `svix-id`, `svix-timestamp`, `svix-signature`. */
export function svix(): WebhookScheme {
  return defineLike('svix', 'svix');
}

function defineLike(name: string, headers: string): WebhookScheme {
  return definePreset({
    name,
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: `${headers}-signature`, separator: ' ' },
    versions: [
      {
        label: 'v1,',
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: { encoding: 'base64', prefix: 'whsec_', minBytes: 16 },
      },
      {
        label: 'v1a,',
        algorithm: 'ed25519',
        encoding: 'base64',
        key: { encoding: 'base64', prefix: 'whpk_', minBytes: 32 },
      },
    ],
    headerTime: { kind: 'header', name: `${headers}-timestamp` },
    // With a dot in the id the same signed text could be cut in another place.
    id: { header: `${headers}-id`, forbid: '.' },
    message: { kind: 'parts', parts: ['id', { text: '.' }, 'time', { text: '.' }, 'body'] },
    deliveryId: { kind: 'header' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['every other header, the URL, its query and the method'],
  });
}
