import { createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AlgorithmFacts, algorithms } from './algorithms.js';
import { type PublicKeyInput, publicKeyChecker } from './public-key.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;
type PublicKeyAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-sha256';

const make = (algorithm: PublicKeyAlgorithm, input: PublicKeyInput) =>
  publicKeyChecker(algorithms[algorithm] as PublicKeyFacts, input);

const ed25519 = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });

const der = (key: KeyObject) => Uint8Array.from(key.export({ format: 'der', type: 'spki' }));
const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;

/** Numbers that nobody could sign with: to read a key they do. */
const rsa = (modulus: Uint8Array, exponent: Uint8Array = Uint8Array.of(1, 0, 1)) => ({
  kty: 'RSA',
  n: Buffer.from(modulus).toString('base64url'),
  e: Buffer.from(exponent).toString('base64url'),
});

const message = Buffer.from('what is signed, é');
const right = sign(undefined, message, ed25519.privateKey);

describe('a public key', () => {
  it.each<[string, PublicKeyInput]>([
    ['SPKI bytes', der(ed25519.publicKey)],
    ['its 32 bytes', der(ed25519.publicKey).subarray(-32)],
    ['PEM', pem(ed25519.publicKey)],
    ['a JWK', ed25519.publicKey.export({ format: 'jwk' })],
    ['a KeyObject', ed25519.publicKey],
  ])('checks what was signed, given as %s', (_form, input) => {
    const check = make('ed25519', input);
    if (typeof check === 'string') throw new Error(check);
    expect(check([message], [right])).toBe(true);
    expect(check(['what is signed, é'], [right])).toBe(true);
    expect(check([Buffer.from('what is '), 'signed, ', Buffer.from('é')], [right])).toBe(true);
    expect(check([message, '.'], [right])).toBe(false);
    expect(check([message], [])).toBe(false);
  });

  it('takes the one signature that is right among others', () => {
    const check = make('ed25519', ed25519.publicKey);
    if (typeof check === 'string') throw new Error(check);
    const wrong = new Uint8Array(64);
    expect(check([message], [wrong, right])).toBe(true);
    expect(check([message], [right, wrong])).toBe(true);
    expect(check([message], [wrong, wrong])).toBe(false);
  });

  it.each<[string, PublicKeyAlgorithm, PublicKeyInput, string]>([
    ['text that is no PEM', 'ed25519', 'a key', 'is no public key'],
    ['31 bytes', 'ed25519', new Uint8Array(31), 'is no public key'],
    [
      'the 32 bytes of a key of another kind',
      'rsa-sha256',
      der(ed25519.publicKey).subarray(-32),
      'is no public key',
    ],
    [
      'a private KeyObject',
      'ed25519',
      ed25519.privateKey,
      'is a private key; a public one is needed',
    ],
    [
      'a secret KeyObject',
      'ed25519',
      createSecretKey(Buffer.alloc(32, 1)),
      'is a secret key; a public one is needed',
    ],
    ['another kind', 'rsa-sha256', p256.publicKey, 'is of the kind ec'],
    ['the other kind', 'ecdsa-p256-sha256', ed25519.publicKey, 'is of the kind ed25519'],
    ['another curve', 'ecdsa-p256-sha256', p384.publicKey, 'is on the curve secp384r1'],
    [
      'an RSA key of a bit too few',
      'rsa-sha256',
      rsa(Buffer.alloc(256, 0x45)),
      'has 2047 bits; allowed: at least 2048',
    ],
  ])('is refused as it is made where it is %s', (_what, algorithm, input, fault) => {
    expect(make(algorithm, input)).toBe(fault);
  });
});

describe('a point of Ed25519 for which anybody can sign', () => {
  const zeros = '00'.repeat(31);
  const ones = 'ff'.repeat(30);
  const points = [
    `00${zeros}`,
    `01${zeros}`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    `ec${ones}7f`,
    `ed${ones}7f`,
    `ee${ones}7f`,
  ];

  const pointOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

  const changed = (point: Uint8Array, place: number, bits: number) =>
    point.map((byte, index) => (index === place ? byte ^ bits : byte));

  it.each(points)('is no key, whatever its sign: %s', (hex) => {
    const point = pointOf(hex);
    for (const one of [point, changed(point, 31, 0x80)]) {
      expect(make('ed25519', one)).toBe('is a point for which anybody can sign');
    }
    expect(make('ed25519', changed(point, 5, 1))).toEqual(expect.any(Function));
  });

  it('may be what a key of another kind ends in', () => {
    for (const point of points.map(pointOf).filter((one) => (one[31] as number) % 2 === 1)) {
      const key = rsa(Buffer.alloc(256, 0xc5), point);
      expect(make('rsa-sha256', key)).toEqual(expect.any(Function));
    }
  });
});
