import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Sentry: `Sentry-Hook-Signature`, hexadecimal HMAC-SHA256 of the body. The time in its header is not signed.
 */
export function sentry(): WebhookScheme {
  return definePreset({
    name: 'sentry',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'sentry-hook-signature' },
    versions: [
      {
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
      'sentry-hook-timestamp, sentry-hook-resource, request-id and every other header',
      'the URL, its query and the method',
      'the time: the scheme has none, so only a replay store ends the life of a request',
    ],
  });
}
