import { invalidChoice, refuseUnknown } from '../../validation.js';
import { definePreset } from '../define-preset.js';
import type { SignatureVersion, WebhookScheme } from '../scheme.js';

export interface TwilioOptions {
  /**
   * `sha1` (the default) where the auth token is the key; `sha256` for a shared key. It is fixed here: the header
   * of the request that names it is not signed.
   */
  readonly algorithm?: 'sha1' | 'sha256';
}

const common = {
  methods: ['POST'],
  signature: { kind: 'header', name: 'x-twilio-signature' },
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
 * Some of its services sign the address with the port and others without: give it as yours does.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function twilio(options: TwilioOptions = {}): WebhookScheme {
  return definePreset({
    ...common,
    versions: versionsFor(options),
    name: 'twilio',
    contentTypes: ['application/x-www-form-urlencoded'],
    content: 'form',
    message: { kind: 'parts', parts: ['url', 'pairs'] },
    unsigned: [
      ...common.unsigned,
      'where the name of a field ends and its value begins: nothing stands between them',
      'where the query ends and the first field begins: nothing stands between them',
    ],
  });
}

/**
 * The same for JSON, whose SHA-256 stands in the address as `bodySHA256`.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function twilioJson(options: TwilioOptions = {}): WebhookScheme {
  return definePreset({
    ...common,
    versions: versionsFor(options),
    name: 'twilio-json',
    contentTypes: ['application/json'],
    content: 'json',
    message: { kind: 'parts', parts: ['url'] },
    bodyDigest: { query: 'bodySHA256' },
  });
}

function versionsFor(options: TwilioOptions): readonly SignatureVersion[] {
  refuseUnknown('', options, ['algorithm']);
  const { algorithm = 'sha1' } = options;
  if (algorithm !== 'sha1' && algorithm !== 'sha256') {
    throw invalidChoice('algorithm', algorithm, 'sha1 or sha256');
  }
  return [
    {
      algorithm: `hmac-${algorithm}`,
      encoding: 'base64',
      key: { encoding: 'utf8', minBytes: 16 },
    },
  ];
}
