import { definePreset } from '../define-preset.js';
import type { MessagePart, WebhookScheme } from '../scheme.js';

const item = ['notificationItems', '0', 'NotificationRequestItem'];

/**
 * An empty or absent value leaves nothing between its colons. One value may hold colons of its own, the
 * merchant's reference: with none in the others there is one way only to cut the message.
 */
const value = (...path: readonly string[]): MessagePart => ({
  path: [...item, ...path],
  optional: true,
  ...(path[0] !== 'merchantReference' && { forbid: ':' }),
});

const colon = { text: ':' };

/**
 * Adyen payments: the signature lies in the body, as `additionalData.hmacSignature` of the one item, and
 * is the base64 HMAC-SHA256 of eight of its values. The handler is given those alone.
 */
export function adyen(): WebhookScheme {
  const signed = [
    value('pspReference'),
    value('originalReference'),
    value('merchantAccountCode'),
    value('merchantReference'),
    value('amount', 'value'),
    value('amount', 'currency'),
    value('eventCode'),
    value('success'),
  ];
  return definePreset({
    name: 'adyen',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'json', path: [...item, 'additionalData', 'hmacSignature'] },
    versions: [
      { algorithm: 'hmac-sha256', encoding: 'base64', key: { encoding: 'hex', minBytes: 16 } },
    ],
    message: {
      kind: 'parts',
      parts: signed.flatMap((part, index) => (index === 0 ? [part] : [colon, part])),
    },
    deliveryId: {
      kind: 'content',
      paths: [
        [...item, 'pspReference'],
        [...item, 'eventCode'],
        [...item, 'success'],
      ],
    },
    maxBytes: 262_144,
    repeatStatus: 200,
    unsigned: ['every value of the body but those eight', 'every header, the URL and the method'],
  });
}
