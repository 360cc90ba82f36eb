import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Bitbucket: `X-Hub-Signature: sha256=…`, hexadecimal HMAC-SHA256 of the body.
 */
export function bitbucket(): WebhookScheme {
  return definePreset({
    name: 'bitbucket',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-hub-signature' },
    versions: [
      {
        label: 'sha256=',
        algorithm: 'hmac-sha256',
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
