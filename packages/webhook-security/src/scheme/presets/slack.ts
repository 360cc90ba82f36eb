import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { ADDRESS, JSON_POST, SECRET } from './common.js';

/**
 * Slack: `X-Slack-Signature: v0=…`, hexadecimal HMAC-SHA256 of version, time and body. Its `url_verification` is
 * answered as a handshake.
 */
export function slack(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'slack',
    contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
    signature: { kind: 'header', name: 'x-slack-signature' },
    versions: [
      {
        label: 'v0=',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'] },
    headerTime: { kind: 'header', name: 'x-slack-request-timestamp' },
    handshake: {
      kind: 'body',
      when: { path: ['type'], equals: 'url_verification' },
      reply: { kind: 'echo', path: ['challenge'] },
    },
    unsigned: ['x-slack-retry-num and every other header', ADDRESS],
  });
}
