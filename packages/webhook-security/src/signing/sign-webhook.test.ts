import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hookUrl, now, pairOf, secret, told } from '../../test/support/signed.js';
import * as platform from '../platform/index.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { discord } from '../scheme/presets/discord.js';
import { github } from '../scheme/presets/github.js';
import { payTabsReturn } from '../scheme/presets/paytabs.js';
import { sendGrid } from '../scheme/presets/sendgrid.js';
import { standardWebhooks } from '../scheme/presets/standard-webhooks.js';
import { twilio } from '../scheme/presets/twilio.js';
import type { SignatureVersion, WebhookScheme } from '../scheme/scheme.js';
import { type SignWebhookOptions, signWebhook, signWebhookAsync } from './index.js';

/** With a label, as it stands before a signature in a header. */
const versions = github().versions as readonly [SignatureVersion];

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privatePem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const publicPem = publicKey.export({ format: 'pem', type: 'spki' }) as string;

const textOf = (body: Uint8Array) => Buffer.from(body).toString();

/** What is wrong with these options. */
function faultOf(options: Partial<SignWebhookOptions>): unknown {
  try {
    return signWebhook({ scheme: github(), key: secret, body: '{}', ...options });
  } catch (error) {
    return error;
  }
}

const fault = (code: string, message: string) => expect.objectContaining({ code, message });

describe('a signature with a label that stands in the body', () => {
  it.each([
    [
      'a form',
      defineScheme({ ...payTabsReturn(), name: 'mine', versions }),
      'a=1',
      /^a=1&signature=sha256%3D[0-9a-f]{64}$/,
    ],
    [
      'JSON',
      defineScheme({
        ...github(),
        name: 'mine',
        signature: { kind: 'json', path: ['signature'] },
        message: { kind: 'parts', parts: [{ path: ['a'] }] },
      }),
      '{"a":1}',
      /^\{"a":1,"signature":"sha256=[0-9a-f]{64}"\}$/,
    ],
  ])('is written with it: %s', (_name, scheme, body, written) => {
    const { verifier, sign } = pairOf(scheme);
    const request = sign(body);
    expect(textOf(request.body)).toMatch(written);
    expect(told(verifier.verifySync(request))).toBe('accepted');
  });
});

describe('a signature in a JSON body', () => {
  it.each([
    ['__proto__', '{"a":"1"}'],
    ['constructor', '{"a":"1"}'],
    ['made', '{"a":"1"}'],
    ['made', '{"a":"1","made":null}'],
    ['there', '{"a":"1","there":{"signature":"old","b":2}}'],
  ])('stands where its path leads, and nowhere else: %s in %s', (step, body) => {
    const scheme = defineScheme({
      ...github(),
      name: 'mine',
      signature: { kind: 'json', path: [step, 'signature'] },
      message: { kind: 'parts', parts: [{ path: ['a'] }] },
    });
    const { verifier, sign } = pairOf(scheme);
    const request = sign(body);
    expect(textOf(request.body)).toContain(`"${step}":{"signature":"sha256=`);
    expect(told(verifier.verifySync(request))).toBe('accepted');
    expect(Object.prototype).not.toHaveProperty('signature');
    expect(Object).not.toHaveProperty('signature');
  });
});

describe('a form', () => {
  it('is signed without the fields that its scheme excludes', () => {
    const { verifier, sign } = pairOf(payTabsReturn({ exclude: ['lang', 'clé'] }));
    const verdict = verifier.verifySync(sign('a=1&lang=ar&cl%C3%A9=2'));
    expect(verdict).toMatchObject({ verdict: 'accepted', payload: { a: '1' } });
  });

  it('is the signature alone where it had no field', () => {
    expect(textOf(pairOf(payTabsReturn()).sign('').body)).toMatch(/^signature=[0-9a-f]{64}$/);
  });

  it.each([payTabsReturn(), twilio()])('is refused where it cannot be read: $name', (scheme) => {
    for (const body of ['a=%zz', 'a&'.repeat(10_001)]) {
      expect(faultOf({ scheme, body, url: hookUrl })).toEqual(
        fault('INVALID_OPTION', 'body is no such form; allowed: a form of at most 10000 fields'),
      );
    }
  });

  it('is not signed for a scheme that nobody could verify', () => {
    const scheme: WebhookScheme = { ...payTabsReturn(), message: { kind: 'form', readings: [] } };
    expect(faultOf({ scheme, body: 'a=1' })).toEqual(
      fault('INVALID_OPTION', 'scheme is without a reading; allowed: one or more'),
    );
  });
});

describe('a body', () => {
  it('of bytes is signed as its text is', () => {
    const { sign } = pairOf(github());
    expect(sign(new TextEncoder().encode('{"a":"é"}'))).toEqual(sign('{"a":"é"}'));
  });
});

describe('what a scheme signs', () => {
  const scheme = defineScheme({
    ...github(),
    name: 'mine',
    id: { header: 'x-id' },
    message: { kind: 'parts', parts: ['id', 'url', { header: 'x-topic' }, 'body'] },
  });
  const all = { scheme, id: 'msg_1', url: hookUrl, headers: { 'x-topic': 'orders' } };
  const inBody = defineScheme({
    ...github(),
    name: 'in-body',
    signature: { kind: 'json', path: ['signature'] },
    message: { kind: 'parts', parts: [{ path: ['a', 'b'] }, { path: ['c'], optional: true }] },
  });

  it.each<[string, Partial<SignWebhookOptions>]>([
    ['id', { scheme, url: hookUrl, headers: all.headers }],
    ['url', { scheme, id: 'msg_1', headers: all.headers }],
    ['headers.x-topic', { scheme, id: 'msg_1', url: hookUrl }],
    ['headers.x-topic', { ...all, headers: {} }],
    ['body.a.b', { scheme: inBody, body: '{"a":{},"c":1}' }],
  ])('must be there: %s', (name, options) => {
    expect(faultOf(options)).toEqual(
      fault('INVALID_OPTION', `${name} is left out; allowed: a text: the scheme signs it`),
    );
  });

  it('stands in the headers besides the signature', () => {
    expect(faultOf(all)).toMatchObject({
      headers: {
        'x-id': 'msg_1',
        'x-topic': 'orders',
        'x-hub-signature-256': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
      },
    });
  });

  it.each([
    ['text', 'a=1'],
    ['a value twice', '{"a":{"b":1},"a":{"b":2}}'],
    ['bytes that are no UTF-8', Uint8Array.of(0xff)],
    ['JSON with something else where the signature goes', '{"a":{"b":1},"signature":[]}'],
  ])('is not read from %s', (_what, body) => {
    expect(faultOf({ scheme: inBody, body })).toEqual(
      fault('INVALID_OPTION', 'body is not such JSON; allowed: JSON with the signed values once'),
    );
  });
});

describe('the version that signs', () => {
  const { versions: both } = standardWebhooks();
  const reversed = defineScheme({
    ...standardWebhooks(),
    name: 'reversed',
    versions: both.toReversed(),
  });
  const bytes = Buffer.from(secret);
  const whsec = `whsec_${bytes.toString('base64')}`;

  it.each<[string, SignWebhookOptions['key'], RegExp]>([
    ['a private key', privateKey, /^v1a,/],
    ['a private key in PEM', privatePem, /^v1a,/],
    ['a secret', whsec, /^v1,/],
    ['bytes', bytes, /^v1,/],
    ['a secret as KeyObject', createSecretKey(bytes), /^v1,/],
  ])('is the one that fits %s, wherever it stands', (_what, key, written) => {
    for (const scheme of [standardWebhooks(), reversed]) {
      const options = { scheme, key, body: '{}', id: 'msg_1', time: now };
      expect(signWebhook(options).headers['webhook-signature']).toMatch(written);
    }
  });

  it('is none where none fits', () => {
    const key = privateKey;
    expect(faultOf({ key })).toEqual(
      fault(
        'INVALID_OPTION',
        'version is none that fits; allowed: the kind of key that github signs with',
      ),
    );
  });
});

describe('a key', () => {
  const pemOf = (kind: 'rsa' | 'secp384r1') => {
    const made =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
        : generateKeyPairSync('ec', { namedCurve: kind });
    return made.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  };
  const message = 'key is no private key that signs for this scheme';

  it.each<[string, WebhookScheme, string]>([
    ['a public one in PEM', discord(), publicPem],
    ['a private one that is cut off', discord(), privatePem.slice(0, 60)],
    ['a private one of another kind', sendGrid(), privatePem],
    ['a private one that signs with any algorithm', discord(), pemOf('rsa')],
    ['a private one of another curve', sendGrid(), pemOf('secp384r1')],
  ])('signs nothing where it is %s', (_what, scheme, key) => {
    const refused = fault('INVALID_KEY', message);
    expect(faultOf({ scheme, key })).toEqual(refused);
  });

  it.each([null, undefined, 7])('signs nothing where it is %s', (key) => {
    expect(faultOf({ key: key as never })).toMatchObject({ code: 'INVALID_KEY' });
  });
});

describe('where the platform signs later', () => {
  afterEach(() => vi.restoreAllMocks());

  const options = { scheme: discord(), key: privateKey, body: '{}', time: now };
  const later = () => vi.spyOn(platform, 'signPrivately');
  const refused = fault('INVALID_KEY', 'key is no private key that signs for this scheme');

  it('signWebhookAsync signs, and signWebhook says that it cannot', async () => {
    const signed = signWebhook(options);
    later().mockImplementation(async () =>
      Buffer.from(signed.headers['x-signature-ed25519'] as string, 'hex'),
    );
    expect(await signWebhookAsync(options)).toEqual(signed);
    expect(faultOf(options)).toEqual(
      fault('NOT_SYNC', 'this platform signs later: use signWebhookAsync'),
    );
  });

  it('a signature that fails is told to who waits for it, and to nobody else', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    later().mockImplementation(() => Promise.reject(new TypeError('not here')));
    await expect(signWebhookAsync(options)).rejects.toEqual(refused);
    expect(faultOf(options)).toMatchObject({ code: 'NOT_SYNC' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a private key', () => {
  it('signs alike as an object and as PEM', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { verifier, sign } = pairOf(discord(), { keys: [publicKey] });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const request = sign('{"type":2}', { key: pem });
    expect(request).toEqual(sign('{"type":2}', { key: privateKey }));
    expect(told(verifier.verifySync(request))).toBe('accepted');
  });
});
