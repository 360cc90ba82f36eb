import { createHmac, generateKeyPairSync, hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as everything from '../../index.js';
import { signWebhookAsync } from '../../signing/index.js';
import { ManualClock } from '../../testing/index.js';
import { signsUrl } from '../signs-url.js';

type Make = () => everything.WebhookScheme;

const notSchemes = new Set(['defineScheme', 'createWebhookVerifier']);

/** Every function of the package that makes a scheme without being told more. */
const presets = Object.entries(everything).flatMap(([name, value]) => {
  if (typeof value !== 'function' || value.length > 0 || notSchemes.has(name)) return [];
  try {
    const scheme = (value as Make)();
    return 'versions' in scheme ? [{ name, scheme }] : [];
  } catch {
    return [];
  }
});

/** A letter or digit of a signed value: with another in its place the form is the same. */
const changeable = { form: '2', json: 'é' };

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

const keyPair = (algorithm: string) => {
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519');
  if (algorithm.startsWith('rsa')) return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
};

/** A key of each kind: what signs and what verifies. */
const keysFor = ({ versions: [version] }: everything.WebhookScheme) => {
  const { algorithm, key } = version as everything.SignatureVersion;
  if (/^(hmac|token)/.test(algorithm)) {
    const text = key.encoding === 'base64' ? Buffer.from(secret).toString('base64') : secret;
    return { sign: text, verify: text };
  }
  const { privateKey, publicKey } = keyPair(algorithm);
  return {
    sign: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    verify: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  };
};

const setUp = async (scheme: everything.WebhookScheme) => {
  const clock = new ManualClock({ wallTime: 1_700_000_000_000 });
  const { sign, verify } = keysFor(scheme);
  const digest = scheme.bodyDigest === undefined ? '' : `?bodySHA256=${sha256(bodies.json)}`;
  const sent = await signWebhookAsync({
    scheme,
    key: sign,
    body: bodies[scheme.content],
    id: 'msg_1',
    time: clock.wallTime(),
    url: `${url}${digest}`,
  });
  const verifier = everything.createWebhookVerifier({
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
    request: { method: 'POST', headers, body: sent.body, url: `/hooks/a${digest}` },
  };
};

const sha256 = (text = '') => hash('sha256', text, 'hex');

describe.each(presets)('$name', ({ scheme }) => {
  it('accepts what its sender signs, and says what that leaves open', async () => {
    const { verifier, request } = await setUp(scheme);
    expect(await verifier.verify(request)).toMatchObject({ verdict: 'accepted', keyIndex: 0 });
    expect(scheme.unsigned.length).toBeGreaterThan(0);
  });

  it('refuses a body with one bit changed, unless only a token is sent', async () => {
    const { verifier, request } = await setUp(scheme);
    const isToken = scheme.versions.some(({ algorithm }) => algorithm === 'token');
    const part = scheme.name === 'adyen' ? 'p","success' : changeable[scheme.content];
    const at = Buffer.from(request.body).lastIndexOf(part);
    const body = Uint8Array.from(request.body);
    body[at] = (body[at] as number) ^ 1;
    const { verdict } = await verifier.verify({ ...request, body });
    expect(verdict).toBe(isToken ? 'accepted' : 'refused');
  });

  it('refuses the signature of another key', async () => {
    const other = await setUp(scheme);
    const { verifier, request } = await setUp(scheme);
    const changed = { ...request, headers: { ...request.headers } };
    if (scheme.signature.kind !== 'header') return;
    const { name } = scheme.signature;
    const text = (other.request.headers as Record<string, string>)[name] as string;
    (changed.headers as Record<string, string>)[name] = flipped(text);
    expect((await verifier.verify(changed)).verdict).toBe('refused');
  });
});

it.each([everything.twilio, everything.twilioJson])(
  '%o takes the algorithm of a shared key',
  (make) => {
    expect(make().versions).toMatchObject([{ algorithm: 'hmac-sha1' }]);
    expect(make({ algorithm: 'sha256' }).versions).toMatchObject([{ algorithm: 'hmac-sha256' }]);
    expect(() => make({ algorithm: 'md5' as never })).toThrow(/^algorithm is .*sha1 or sha256/);
    expect(() => make({ hash: 'sha256' } as never)).toThrow(/^hash is unknown; allowed: algorithm/);
  },
);

it('twitch reads times of nanoseconds, and answers a challenge', () => {
  const clock = new ManualClock({ wallTime: Date.UTC(2022, 7, 14, 17, 0) });
  const verifier = everything.createWebhookVerifier({
    scheme: everything.twitch(),
    keys: [secret],
    clock,
  });
  const time = '2022-08-14T16:59:32.618908427Z';
  const verdictOn = (status: string) => {
    const body = JSON.stringify({ challenge: 'c-1', subscription: { status } });
    const mac = createHmac('sha256', secret).update(`id-1${time}${body}`).digest('hex');
    const headers = {
      'Twitch-Eventsub-Message-Id': 'id-1',
      'Twitch-Eventsub-Message-Timestamp': time,
      'Twitch-Eventsub-Message-Signature': `sha256=${mac}`,
    };
    return verifier.verifySync({ method: 'POST', headers, body: Buffer.from(body) });
  };
  expect(verdictOn('enabled')).toMatchObject({ verdict: 'accepted', deliveryId: 'id-1' });
  expect(verdictOn('webhook_callback_verification_pending')).toMatchObject({
    verdict: 'challenged',
    reply: { contentType: 'text/plain', body: 'c-1' },
  });
});

const timed = presets.filter(({ scheme }) => scheme.headerTime !== undefined);

describe.each(timed)('$name', ({ scheme }) => {
  it('refuses a time more than five minutes away', async () => {
    for (const [awayMs, reason] of [
      [301_000, 'timestamp-old'],
      [-301_000, 'timestamp-future'],
    ] as const) {
      const { verifier, clock, request } = await setUp(scheme);
      clock.setWallTime(clock.wallTime() + awayMs);
      expect(await verifier.verify(request)).toMatchObject({ verdict: 'refused', reason });
    }
  });
});

/** The same form with one digit of the signature changed. */
const flipped = (text: string) => {
  const at = text.length - 3;
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
};
