import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../crypto/algorithms.js';
import { discord } from '../scheme/presets/discord.js';
import { standardWebhooks } from '../scheme/presets/standard-webhooks.js';
import type { SignatureVersion } from '../scheme/scheme.js';
import { ManualClock } from '../testing/index.js';
import { createKeyRing, type KeySource } from './key-ring.js';
import type { WebhookKey } from './keys.js';

const first = 'the first secret';
const second = 'the second secret';
const secrets: SignatureVersion = {
  algorithm: 'hmac-sha256',
  encoding: 'hex',
  key: { encoding: 'utf8', minBytes: 1 },
};

function ringOf(keys: readonly WebhookKey[] | KeySource, versions = [secrets]) {
  const clock = new ManualClock();
  return { clock, ring: createKeyRing({ keys, versions, clock, timeoutMs: 300 }) };
}

it('a list of keys has those of its versions alone, and a function may have any', () => {
  const key = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
  const versions = [...standardWebhooks().versions];
  const { ring } = ringOf([key], versions);
  expect([0, 1].map((version) => ring.mayHave(version))).toEqual([true, false]);
  const any = ringOf(() => [key], versions).ring;
  expect([0, 1].map((version) => any.mayHave(version))).toEqual([true, true]);
});

describe('keys of a function', () => {
  it('are not passed over for a kind that they do not name', () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    const { ring } = ringOf(() => [pem as string], [...discord().versions]);
    expect(ring.get(undefined)).toHaveLength(1);
  });

  it('are read once, however often and in whatever list they are given', () => {
    const { ring } = ringOf(() => [first, second]);
    const ready = ring.get(undefined);
    expect(ready).toHaveLength(2);
    expect(ring.get(undefined)).toBe(ready);
  });

  it.each<[string, readonly string[]]>([
    ['another first', [second, second]],
    ['another second', [first, first]],
    ['the other order', [second, first]],
    ['one more', [first, second, first]],
    ['one less', [first]],
  ])('are read anew where there is %s', (_what, later) => {
    let keys: readonly string[] = [first, second];
    const { ring } = ringOf(() => keys);
    const before = ring.get(undefined);
    keys = later;
    const ready = ring.get(undefined);
    expect(ready).not.toBe(before);
    expect(ready).toHaveLength(later.length);
  });

  it.each<[string, KeySource, object]>([
    ['holds no key', () => [null as never], { name: 'WebhookSecurityError', code: 'INVALID_KEY' }],
    ['is empty', () => [], { name: 'WebhookSecurityError', code: 'INVALID_KEY' }],
    ['is none', () => undefined as never, { name: 'TypeError' }],
    [
      'does not come',
      () => {
        throw new RangeError('down');
      },
      { name: 'RangeError' },
    ],
    ['is refused later', () => Promise.reject(new RangeError('down')), { name: 'RangeError' }],
    ['holds no key later', async () => [''], { name: 'WebhookSecurityError', code: 'INVALID_KEY' }],
  ])('end in the kind of error where the list %s', async (_what, source, kind) => {
    expect(await ringOf(source).ring.get(undefined)).toEqual(kind);
  });

  it('end in the kind of error where nothing comes in time', async () => {
    const { clock, ring } = ringOf(() => new Promise<never>(() => {}));
    const found = ring.get(undefined);
    clock.advance(300);
    expect(await found).toEqual({ name: 'WebhookSecurityError', code: 'KEYS_TIMEOUT' });
  });

  it('come to force later, and know what the request says of them', async () => {
    const hints: unknown[] = [];
    const { ring } = ringOf(async ({ hint }) => {
      hints.push(hint);
      return [first];
    });
    expect(await ring.get('a')).toHaveLength(1);
    expect(hints).toEqual(['a']);
  });
});

describe('a set of keys', () => {
  const x = Buffer.alloc(32, 7).toString('base64url');
  const jwks = {
    OKP: { kty: 'OKP', crv: 'Ed25519', x },
    // The point that all others are multiples of.
    EC: {
      kty: 'EC',
      crv: 'P-256',
      x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
      y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
    },
    RSA: { kty: 'RSA', n: Buffer.alloc(256, 0xc5).toString('base64url'), e: 'AQAB' },
  } as const;
  const all = Object.values(jwks);

  it.each<[SignatureAlgorithm, keyof typeof jwks]>([
    ['ed25519', 'OKP'],
    ['ecdsa-p256-sha256', 'EC'],
    ['rsa-sha256', 'RSA'],
    ['rsa-sha1', 'RSA'],
  ])('may hold others beside those that check %s', (algorithm, kty) => {
    const versions = [secrets, { ...secrets, algorithm }];
    const { ring } = ringOf(() => all, versions);
    expect(ring.get(undefined)).toMatchObject([{ version: 1 }]);
    const { ring: other } = ringOf(() => all.filter((key) => key.kty !== kty), versions);
    expect(other.get(undefined)).toMatchObject({ code: 'INVALID_KEY' });
  });

  it('has no key where secrets alone check', () => {
    expect(ringOf(() => all).ring.get(undefined)).toMatchObject({ code: 'INVALID_KEY' });
    expect(ringOf(() => [...all, first]).ring.get(undefined)).toHaveLength(1);
  });
});
