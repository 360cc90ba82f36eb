import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createWebhookVerifier,
  defineScheme,
  discord,
  github,
  gitlab,
  isWebhookSecurityError,
  standardWebhooks,
  stripe,
  svix,
  type WebhookKey,
  type WebhookRequest,
  type WebhookScheme,
  type WebhookVerifierOptions,
} from '../src/index.js';
import { PRESETS } from '../src/scheme/presets/all.js';
import { signsUrl } from '../src/scheme/signs-url.js';
import { signWebhook } from '../src/signing/index.js';
import { hookUrl, now, pairOf, secret, told } from './support/signed.js';

const make = (scheme: WebhookScheme, keys: unknown, more: object = {}) =>
  createWebhookVerifier({
    scheme,
    keys: keys as readonly WebhookKey[],
    ...(signsUrl(scheme) && { url: hookUrl }),
    ...more,
  } as WebhookVerifierOptions);

/** The error that making a verifier ends in. */
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return isWebhookSecurityError(error) ? error.code : 'foreign';
  }
};

const emptyKeys: readonly (readonly [string, unknown])[] = [
  ['an empty text', ''],
  ['a blank', ' '],
  ['blanks of other kinds', '\t\n\u00a0\ufeff'],
  ['what takes no place', '\u200b\u200c\u200d\u2060'],
  ['no bytes', new Uint8Array(0)],
  ['a KeyObject of no bytes', createSecretKey(Buffer.alloc(0))],
  ['undefined', undefined],
  ['null', null],
];

describe('trap: a key', () => {
  it.each(emptyKeys)('that is empty lets anybody sign: %s', (_name, key) => {
    for (const preset of Object.values(PRESETS)) {
      expect(codeOf(() => make(preset(), [key]))).toBe('INVALID_KEY');
      expect(codeOf(() => make(preset(), [secret, key]))).toBe('INVALID_KEY');
    }
  });

  it.each(['whsec_', 'whsec_!!!!', 'whsec_ ', 'whsec_====', 'whpk_', 'v1,whsec_', '!!!!'])(
    'that is empty once decoded lets anybody sign: %s',
    (key) => {
      for (const scheme of [standardWebhooks(), svix()]) {
        expect(codeOf(() => make(scheme, [key]))).toBe('INVALID_KEY');
      }
    },
  );

  it('that everybody may have serves as a secret: a PEM', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
    for (const scheme of [github(), stripe(), gitlab()]) {
      expect(() => make(scheme, [pem.trim()])).toThrow(/^keys\[0\] is a key in PEM/);
    }
  });

  it('that everybody may have serves as a secret: one of Standard Webhooks', () => {
    for (const scheme of [github(), stripe(), gitlab()]) {
      expect(() => make(scheme, [`whpk_${'A'.repeat(43)}=`])).toThrow(
        /^keys\[0\] is a public key, which anybody may have$/,
      );
    }
  });

  it.each([
    ['a buffer that nobody filled', Buffer.alloc(32)],
    ['blanks of a form', Buffer.alloc(32, ' ')],
    ['a KeyObject of zeros', createSecretKey(Buffer.alloc(32))],
  ])('of bytes is what was left out: %s', (_name, key) => {
    for (const scheme of [github(), stripe(), gitlab(), standardWebhooks()]) {
      expect(() => make(scheme, [key])).toThrow(/^keys\[0\] is blank$/);
    }
  });

  it('is padded with what was pasted along', () => {
    for (const preset of Object.values(PRESETS)) {
      for (const key of [`${secret}\n`, ` ${secret}`, `${secret}\r\n`]) {
        expect(codeOf(() => make(preset(), [key]))).toBe('INVALID_KEY');
      }
    }
  });

  it('of no bytes is what a scheme of one’s own asks for', () => {
    const [version] = github().versions;
    const key = { encoding: 'utf8', minBytes: 0 } as const;
    const scheme = { ...github(), versions: [{ ...version, key }] } as WebhookScheme;
    expect(codeOf(() => defineScheme(scheme))).toBe('INVALID_SCHEME');
  });

  it('that is not set turns the check off', async () => {
    for (const keys of [undefined, null, [], {}, '', secret]) {
      expect(codeOf(() => make(github(), keys))).toMatch(/^INVALID_(KEY|OPTION)$/);
    }
    const request = pairOf(github()).sign();
    const down = () => Promise.reject(new Error('down'));
    const undecided = [() => [], () => undefined, () => null, () => [''], () => [undefined], down];
    for (const keys of undecided) {
      const verdict = await make(github(), keys).verify(request);
      expect(verdict).toMatchObject({ reason: 'keys-unavailable', status: 503 });
    }
  });

  it.each(['skip', 'verify', 'enabled', 'required', 'disable', 'dangerouslySkipVerification'])(
    'is made needless by an option: %s',
    (name) => {
      for (const value of [true, false]) {
        expect(codeOf(() => make(github(), [secret], { [name]: value }))).toBe('INVALID_OPTION');
      }
    },
  );
});

describe('trap: the algorithm', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from((publicKey.export({ format: 'jwk' }) as { x: string }).x, 'base64url');
  const body = '{"paid":true}';
  const clock = pairOf(github()).clock;
  const headersOf = (version: number, key: WebhookKey) =>
    signWebhook({ scheme: standardWebhooks(), key, version, body, id: 'msg_1', time: now }).headers;

  it.each<[string, WebhookKey]>([
    ['whpk_', `whpk_${raw.toString('base64')}`],
    ['a PEM', publicKey.export({ format: 'pem', type: 'spki' }) as string],
    ['a KeyObject', publicKey],
    ['a JWK', publicKey.export({ format: 'jwk' })],
  ])('is taken from the request, so that a public key serves as a secret: %s', (_name, key) => {
    const verifier = make(standardWebhooks(), [key], { clock });
    const verdictOn = (headers: Readonly<Record<string, string>>) =>
      told(verifier.verifySync({ method: 'POST', headers, body: Buffer.from(body) }));
    expect(verdictOn(headersOf(1, privateKey))).toBe('accepted');
    const spellings = [raw, publicKey.export({ format: 'der', type: 'spki' })];
    if (typeof key === 'string') spellings.push(Buffer.from(key));
    for (const known of spellings) expect(verdictOn(headersOf(0, known))).toBe('signature-scheme');
    // Nor under the label of the other kind.
    const forged = headersOf(0, raw);
    const text = (forged['webhook-signature'] as string).replace('v1,', 'v1a,');
    expect(verdictOn({ ...forged, 'webhook-signature': text })).toBe('header-malformed');
  });

  it('is taken from the request, so that a secret serves as a public key', () => {
    const bytes = Buffer.from(secret);
    const verifier = make(standardWebhooks(), [bytes], { clock });
    const headers = headersOf(1, privateKey);
    const request = { method: 'POST', headers, body: Buffer.from(body) };
    expect(told(verifier.verifySync(request))).toBe('signature-scheme');
  });

  it('is weakened by a label of the request', () => {
    const { verifier, sign } = pairOf(github());
    const request = sign();
    const text = request.headers['x-hub-signature-256'] as string;
    for (const label of ['sha1=', 'md5=', 'none=', '', 'sha512=']) {
      const headers = { 'x-hub-signature-256': text.replace('sha256=', label) };
      expect(told(verifier.verifySync({ ...request, headers }))).toBe('signature-scheme');
    }
    const stripeRequest = pairOf(stripe()).sign();
    const v0 = (stripeRequest.headers['stripe-signature'] as string).replace('v1=', 'v0=');
    const asked = { ...stripeRequest, headers: { 'stripe-signature': v0 } };
    expect(told(pairOf(stripe()).verifier.verifySync(asked))).toBe('signature-scheme');
  });

  it('has the private key where the public one belongs', () => {
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    for (const key of [privateKey, pem, privateKey.export({ format: 'jwk' })]) {
      for (const scheme of [discord(), standardWebhooks()]) {
        expect(codeOf(() => make(scheme, [key]))).toBe('INVALID_KEY');
      }
    }
    expect(codeOf(() => make(standardWebhooks(), [`whsk_${raw.toString('base64')}`]))).toBe(
      'INVALID_KEY',
    );
  });
});

describe('trap: an error of the verifier', () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
  });

  it('that nobody catches ends the process (CVE-2023-50728)', async () => {
    const right = pairOf(github()).sign();
    const requests: readonly unknown[] = [
      undefined,
      {},
      { ...right, headers: undefined },
      { ...right, headers: {} },
      { ...right, headers: { 'x-hub-signature-256': undefined } },
      { ...right, headers: { 'x-hub-signature-256': 7 } },
      { ...right, body: undefined },
      { ...right, body: null },
      { ...right, method: Symbol('POST') },
      new Proxy(right, {
        get: () => {
          throw new TypeError('of the request');
        },
      }),
    ];
    for (const preset of Object.values(PRESETS)) {
      const verifier = make(preset(), [keyFor(preset())]);
      for (const request of requests) {
        expect(verifier.verifySync(request as WebhookRequest).verdict).toBe('refused');
        const verdict = await verifier.verify(request as WebhookRequest);
        expect(verdict).toMatchObject({ verdict: 'refused', status: expect.any(Number) });
        expect(told(verdict)).not.toBe('verifier-failed');
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  });
});

/** A key that a scheme takes. */
function keyFor({ versions: [version] }: WebhookScheme): WebhookKey {
  const algorithm = version?.algorithm ?? '';
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519').publicKey;
  if (algorithm.startsWith('ecdsa')) {
    return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey;
  }
  if (algorithm.startsWith('rsa')) {
    return generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey;
  }
  return Buffer.from(secret);
}
