import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { discord } from '../scheme/presets/discord.js';
import { github } from '../scheme/presets/github.js';
import type { SignatureVersion } from '../scheme/scheme.js';
import { type KeyFormat, readKeys } from './keys.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
const privatePem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

const secrets = (key: Partial<KeyFormat> = {}): SignatureVersion => ({
  algorithm: 'hmac-sha256',
  encoding: 'hex',
  key: { encoding: 'utf8', minBytes: 1, ...key },
});
const signatures = (): SignatureVersion => discord().versions[0] as SignatureVersion;

describe('a key that does not fit', () => {
  it.each<[string, unknown, SignatureVersion, string]>([
    ['a public KeyObject', publicKey, secrets(), 'is a public key, not a secret one'],
    ['a private KeyObject', privateKey, secrets(), 'is a private key, not a secret one'],
    ['odd hex', 'abc', secrets({ encoding: 'hex' }), 'is not canonical hex'],
    ['odd base64', 'abc', secrets({ encoding: 'base64' }), 'is not canonical base64'],
    [
      'an object',
      { key: 'x' },
      signatures(),
      'is no public key: neither text, bytes, a KeyObject nor a JWK',
    ],
    ['null', null, signatures(), 'is no public key: neither text, bytes, a KeyObject nor a JWK'],
    ['a private PEM', privatePem, signatures(), 'is a private key; a public one is needed'],
    [
      'a private PEM behind a public one',
      `${pem}${privatePem}`,
      signatures(),
      'is a private key; a public one is needed',
    ],
    [
      'the private PEM of another kind',
      privatePem.replaceAll('PRIVATE', 'EC PRIVATE'),
      signatures(),
      'is a private key; a public one is needed',
    ],
    [
      'a private JWK',
      privateKey.export({ format: 'jwk' }),
      signatures(),
      'is a private key; a public one is needed',
    ],
  ])('is refused in words: %s', (_what, key, version, fault) => {
    expect(() => readKeys([key], [version])).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY', message: `keys[0] ${fault}` }),
    );
  });
});

describe('the version of a key', () => {
  const versions = [
    secrets({ encoding: 'base64', prefix: 'a_' }),
    secrets({ encoding: 'base64' }),
    secrets({ encoding: 'base64', prefix: 'b_' }),
    signatures(),
  ];

  it.each<[string, unknown, number]>([
    ['the first, where it has no prefix', 'c2VjcmV0', 0],
    ['the first, also where it begins like nothing', 'undefinedAAA', 0],
    ['the one of its prefix', 'b_c2VjcmV0', 2],
    ['the first, where it is bytes', Buffer.from('secret'), 0],
    ['the one of public keys, where it is PEM', pem, 3],
    ['the one of public keys, where it is a KeyObject', publicKey, 3],
    ['the one of public keys, where it is a JWK', publicKey.export({ format: 'jwk' }), 3],
  ])('is %s', (_what, key, version) => {
    expect(readKeys([key], versions)).toMatchObject([{ version }]);
  });
});

describe('a text', () => {
  it('of one letter is a secret that somebody chose', () => {
    expect(readKeys(['x'.repeat(16)], github().versions)).toHaveLength(1);
  });

  it('that begins with the word undefined is a secret in full', () => {
    const read = (key: unknown) => {
      const [ready] = readKeys([key], [secrets({ encoding: 'base64' })]);
      return ready?.sign?.(['message']);
    };
    expect(read('undefinedAAA')).toEqual(read(Buffer.from('undefinedAAA', 'base64')));
  });
});
