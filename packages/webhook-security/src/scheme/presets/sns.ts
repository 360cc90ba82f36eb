import { invalidChoice, refuseUnknown } from '../../validation.js';
import { definePreset } from '../define-preset.js';
import type { MessagePart, WebhookScheme } from '../scheme.js';

export interface SnsOptions {
  /**
   * The topic's `SignatureVersion`: `2` (RSA with SHA-256, the default here) or `1` (SHA-1, the default
   * of a topic, which you should change).
   */
  readonly signatureVersion?: 1 | 2;
}

/** The text of the message alone may have lines: so there is one way only to cut what is signed. */
const line = (name: string, optional = false): MessagePart => ({
  path: [name],
  before: `${name}\n`,
  after: '\n',
  ...(name !== 'Message' && { forbid: '\n' }),
  ...(optional && { optional }),
});

/** Where SNS keeps its certificates, and confirms subscriptions. Not below: storage of anybody lies there. */
export const SNS_HOSTS: readonly string[] = Object.freeze([
  'sns.*.amazonaws.com',
  'sns.*.amazonaws.com.cn',
]);

/**
 * Amazon SNS: the signature lies in the body, RSA over its values, checked with the certificate that the
 * body names: `keys: createCertificateKeys({ hosts: SNS_HOSTS })`. A subscription is answered as a
 * handshake whose `visit` confirms it.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function sns(options: SnsOptions = {}): WebhookScheme {
  refuseUnknown('', options, ['signatureVersion']);
  const { signatureVersion = 2 } = options;
  if (signatureVersion !== 1 && signatureVersion !== 2) {
    throw invalidChoice('signatureVersion', signatureVersion, '1 or 2');
  }
  return definePreset({
    name: 'sns',
    methods: ['POST'],
    contentTypes: ['text/plain', 'application/json'],
    content: 'json',
    signature: { kind: 'json', path: ['Signature'] },
    versions: [
      {
        algorithm: signatureVersion === 1 ? 'rsa-sha1' : 'rsa-sha256',
        encoding: 'base64',
        key: { encoding: 'base64', minBytes: 256 },
      },
    ],
    keyHint: { kind: 'json', path: ['SigningCertURL'] },
    message: {
      kind: 'parts',
      parts: [
        line('Message'),
        line('MessageId'),
        line('Subject', true),
        line('SubscribeURL', true),
        line('Timestamp'),
        line('Token', true),
        line('TopicArn'),
        line('Type'),
      ],
    },
    bodyTime: { path: ['Timestamp'], maxAgeMs: 3_600_000, maxAheadMs: 300_000 },
    deliveryId: { kind: 'content', paths: [['TopicArn'], ['MessageId']] },
    handshake: {
      kind: 'body',
      when: { path: ['Type'], equals: 'SubscriptionConfirmation' },
      reply: { kind: 'visit', path: ['SubscribeURL'], hosts: SNS_HOSTS },
    },
    maxBytes: 524_288,
    repeatStatus: 200,
    unsigned: [
      'every header, the URL and the method',
      'UnsubscribeURL, MessageAttributes, SignatureVersion and SigningCertURL',
    ],
  });
}
