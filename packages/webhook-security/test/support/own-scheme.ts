import type { MessagePart, SignatureVersion, WebhookScheme } from '../../src/scheme/scheme.js';

export const base: WebhookScheme = {
  name: 'mine',
  methods: ['POST'],
  contentTypes: ['application/json'],
  content: 'json',
  signature: { kind: 'header', name: 'x-signature' },
  versions: [
    { algorithm: 'hmac-sha512', encoding: 'base64', key: { encoding: 'utf8', minBytes: 16 } },
  ],
  message: { kind: 'parts', parts: ['body'] },
  deliveryId: { kind: 'message' },
  maxBytes: 1_000,
  repeatStatus: 409,
  unsigned: ['every header'],
};

/** The same in several versions, each with something else. */
export const versionsWith = (...more: readonly Partial<SignatureVersion>[]) =>
  more.map((one) => ({ ...(base.versions[0] as SignatureVersion), ...one }));

export const versionWith = (more: Partial<SignatureVersion>): Partial<WebhookScheme> => ({
  versions: versionsWith(more),
});

/** Signed are values of a JSON body, in which the signature stands. */
export const inBody = (
  parts: readonly MessagePart[],
  signature: readonly string[] = ['signature'],
): Partial<WebhookScheme> => ({
  signature: { kind: 'json', path: signature },
  message: { kind: 'parts', parts },
});

export const signedPathsOf = (...paths: readonly (readonly string[])[]) =>
  inBody(paths.map((path) => ({ path })));

/** Asks for a handshake. */
export const ping = {
  kind: 'body',
  when: { path: ['type'], equals: 'ping' },
  reply: { kind: 'json', value: { type: 1 } },
} as const;
export const hintInBody = { kind: 'json', path: ['hint'] } as const;
