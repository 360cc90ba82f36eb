import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * GitHub: `X-Hub-Signature-256`, hexadecimal HMAC-SHA256 of the body. The delivery id is not signed.
 */
export function github(): WebhookScheme {
  return definePreset({
    name: 'github',
    methods: ['POST'],
    contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
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
    deliveryId: { kind: 'message' },
    maxBytes: 26_214_400,
    repeatStatus: 200,
    unsigned: [
      'x-github-event, x-github-delivery and every other header',
      'the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
