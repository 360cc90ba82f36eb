import {
  createWebhookVerifier,
  type SignatureAlgorithm,
  type SignatureVersion,
  type WebhookScheme,
} from '../../src/index.js';
import { sha256Hex } from '../../src/platform/index.js';
import { signsUrl } from '../../src/scheme/signs-url.js';
import { signWebhookAsync } from '../../src/signing/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const url = 'https://example.com/hooks/a';
const secret = '0123456789abcdef0123456789abcdef';

const bodies = {
  form: 'b=2&a=1+1&c=%C3%A9',
  json: JSON.stringify({
    a: 'é',
    update_id: 7,
    Message: 'é',
    MessageId: 'm',
    Timestamp: '2023-11-14T22:13:20Z',
    TopicArn: 't',
    Type: 'Notification',
    webhookTimestamp: 1_700_000_000_000,
    notificationItems: [{ NotificationRequestItem: { pspReference: 'p', success: 'true' } }],
  }),
};

/** How WebCrypto makes keys: it is what every runtime has. */
const parametersOf = (algorithm: SignatureAlgorithm): object => {
  if (algorithm === 'ed25519') return { name: 'Ed25519' };
  if (algorithm === 'ecdsa-p256-sha256') return { name: 'ECDSA', namedCurve: 'P-256' };
  return {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2_048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
};

const pem = (label: string, bytes: ArrayBuffer) => {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
};

/** A key of each kind: what signs and what verifies. */
async function keysFor({ algorithm, key }: SignatureVersion) {
  if (/^(hmac|token)/.test(algorithm)) {
    const text = key.encoding === 'base64' ? btoa(secret) : secret;
    return { sign: text, verify: text };
  }
  const { subtle } = crypto;
  const uses = ['sign', 'verify'] as const;
  const made = await subtle.generateKey(parametersOf(algorithm) as never, true, uses as never);
  const { privateKey, publicKey } = made as unknown as Record<'privateKey' | 'publicKey', never>;
  return {
    sign: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', privateKey)),
    verify: pem('PUBLIC KEY', await subtle.exportKey('spki', publicKey)),
  };
}

/** A delivery as the sender of a scheme signs it, with keys of its own, and the verifier for it. */
export async function signedDelivery(scheme: WebhookScheme, version = 0) {
  const clock = new ManualClock({ wallTime: 1_700_000_000_000 });
  const { sign, verify } = await keysFor(scheme.versions[version] as SignatureVersion);
  const query =
    scheme.bodyDigest === undefined ? '' : `?bodySHA256=${await sha256Hex(bodies.json)}`;
  const sent = await signWebhookAsync({
    scheme,
    key: sign,
    version,
    body: bodies[scheme.content],
    id: 'msg_1',
    time: clock.wallTime(),
    url: `${url}${query}`,
  });
  const verifier = createWebhookVerifier({
    scheme,
    keys: [verify],
    clock,
    ...(signsUrl(scheme) && { url }),
  });
  const [contentType] = scheme.contentTypes;
  const headers = { ...sent.headers, 'content-type': contentType as string };
  return {
    clock,
    verifier,
    request: { method: 'POST', headers, body: sent.body, url: `/hooks/a${query}` },
  };
}

/** A letter or digit of a signed value: with another in its place the form is the same. */
const changeable = { form: '2', json: 'é' };

/** The same body with another value of what is signed. */
export function withOneBitChanged({ name, content }: WebhookScheme, body: Uint8Array): Uint8Array {
  const part = new TextEncoder().encode(name === 'adyen' ? 'p","success' : changeable[content]);
  const copy = Uint8Array.from(body);
  const at = copy.findLastIndex((_, start) =>
    part.every((byte, index) => copy[start + index] === byte),
  );
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
