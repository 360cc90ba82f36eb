import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * Slack: `X-Slack-Signature: v0=…`, hexadecimal HMAC-SHA256 of version, time and body. Its `url_verification` is
 * answered as a handshake.
 */
export function slack(): WebhookScheme {
  return definePreset({
    name: 'slack',
    methods: ['POST'],
    contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
    content: 'json',
    signature: { kind: 'header', name: 'x-slack-signature' },
    versions: [
      {
        label: 'v0=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'] },
    headerTime: { kind: 'header', name: 'x-slack-request-timestamp' },
    handshake: {
      kind: 'body',
      when: { path: ['type'], equals: 'url_verification' },
      reply: { kind: 'echo', path: ['challenge'] },
    },
    deliveryId: { kind: 'message' },
    maxBytes: 1_048_576,
    repeatStatus: 200,
    unsigned: ['x-slack-retry-num and every other header', 'the URL, its query and the method'],
  });
}
