import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Intercom: `X-Hub-Signature: sha1=…`, hexadecimal HMAC-SHA1 of the body. SHA-1 is the sender's choice.
 */
export function intercom(): WebhookScheme {
  return definePreset({
    name: 'intercom',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-hub-signature' },
    versions: [
      {
        label: 'sha1=',
        algorithm: 'hmac-sha1',
        encoding: 'hex',
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
