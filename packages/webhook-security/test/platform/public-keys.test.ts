import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AlgorithmFacts, algorithms } from '../../src/crypto/algorithms.js';
import type { PublicKeyInput } from '../../src/crypto/public-key.js';
import { bothPlatforms, onNode, onWeb } from './both-platforms.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

const factsOf = (algorithm: keyof typeof algorithms) => algorithms[algorithm] as PublicKeyFacts;

const pairs = {
  ed25519: generateKeyPairSync('ed25519'),
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  'rsa-sha256': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-sha1': generateKeyPairSync('rsa', { modulusLength: 3072 }),
} as const;
const algorithmNames = Object.keys(pairs) as (keyof typeof pairs)[];

const message = [Buffer.from('what is '), 'signed, é'];
const bytes = Buffer.from('what is signed, é');
const der = (key: KeyObject) => Uint8Array.from(key.export({ format: 'der', type: 'spki' }));
const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;

let certificate = '';
let certifiedKey = '';
beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'x' }], { keySize: 2048 });
  certificate = made.cert;
  certifiedKey = made.private;
});

describe.each(algorithmNames)('a public key for %s', (algorithm) => {
  const facts = factsOf(algorithm);
  const { privateKey, publicKey } = pairs[algorithm];
  const right = sign(facts.hash, bytes, privateKey);
  const forms: [string, PublicKeyInput][] = [
    ['SPKI bytes', der(publicKey)],
    ['PEM', pem(publicKey)],
    ['a JWK', publicKey.export({ format: 'jwk' })],
    ['a JWK with more in it', { ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig' }],
  ];
  if (algorithm === 'ed25519') forms.push(['its 32 bytes', der(publicKey).subarray(-32)]);
  if (facts.keyType === 'rsa') {
    const text = publicKey.export({ format: 'pem', type: 'pkcs1' }) as string;
    forms.push(['PEM of PKCS #1', text]);
  }

  it.each(bothPlatforms)('is taken on %s in each form', async (_name, platform) => {
    for (const [form, input] of forms) {
      const check = platform.publicKeyChecker(facts, input);
      if (typeof check === 'string') throw new Error(`${form} ${check}`);
      const answers = await Promise.all([
        check(message, [right]),
        check([bytes], [right]),
        check([bytes], [right.subarray(1), right]),
        check([bytes, '.'], [right]),
        check([bytes], []),
      ]);
      expect([form, ...answers]).toEqual([form, true, true, true, false, false]);
    }
  });

  it('is the key of what a private one signs on either platform', async () => {
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    for (const [, signer] of bothPlatforms) {
      const signature = await signer.signPrivately(facts, text, message);
      for (const [, platform] of bothPlatforms) {
        const check = platform.publicKeyChecker(facts, pem(publicKey));
        if (typeof check === 'string') throw new Error(check);
        expect(await check(message, [signature])).toBe(true);
      }
    }
  });

  it.each(bothPlatforms)('of another kind is refused on %s when it is made', (_name, platform) => {
    for (const other of algorithmNames) {
      const { keyType } = factsOf(other);
      if (keyType === facts.keyType) continue;
      const key = pairs[other].publicKey;
      for (const input of [der(key), pem(key)]) {
        expect(platform.publicKeyChecker(facts, input)).toBe(`is of the kind ${keyType}`);
      }
      expect(platform.publicKeyChecker(facts, key.export({ format: 'jwk' }))).toEqual(
        expect.any(String),
      );
    }
  });
});

const bad: [string, keyof typeof pairs, () => PublicKeyInput][] = [
  ['no bytes', 'ed25519', () => new Uint8Array()],
  ['too few bytes', 'ed25519', () => new Uint8Array(31)],
  ['any bytes', 'rsa-sha256', () => new Uint8Array(294)],
  ['half of an SPKI', 'rsa-sha256', () => der(pairs['rsa-sha256'].publicKey).subarray(0, 150)],
  ['text that is no PEM', 'ed25519', () => 'a key'],
  ['PEM of nothing', 'ed25519', () => '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----'],
  ['PEM cut off', 'ed25519', () => pem(pairs.ed25519.publicKey).slice(0, 60)],
  [
    'PEM of something else',
    'ed25519',
    () => pem(pairs.ed25519.publicKey).replaceAll('PUBLIC', 'ODD'),
  ],
  ['an RSA key of 1024 bits', 'rsa-sha256', () => pem(short(1_024))],
  ['an RSA key of 2047 bits', 'rsa-sha256', () => pem(short(2_047))],
  ['a JWK of an RSA key of 1024 bits', 'rsa-sha256', () => short(1_024).export({ format: 'jwk' })],
  ['a key on another curve', 'ecdsa-p256-sha256', () => pem(onCurve('secp384r1'))],
  [
    'a JWK on another curve',
    'ecdsa-p256-sha256',
    () => onCurve('secp384r1').export({ format: 'jwk' }),
  ],
  ['a JWK without its numbers', 'ecdsa-p256-sha256', () => ({ kty: 'EC', crv: 'P-256' })],
  ['a JWK of a secret', 'rsa-sha256', () => ({ kty: 'oct', k: 'AAAA' })],
  ['a JWK with a point too short', 'ed25519', () => ({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' })],
];

const short = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).publicKey;
const onCurve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

it.each(bad)(
  'a bad key is refused on both platforms when it is made: %s',
  (_name, algorithm, make) => {
    const input = make();
    for (const [, platform] of bothPlatforms) {
      expect(platform.publicKeyChecker(factsOf(algorithm), input)).toEqual(expect.any(String));
    }
  },
);

it('a point on no curve is refused when it is made, or never checks anything', async () => {
  const facts = factsOf('ecdsa-p256-sha256');
  const spki = der(pairs['ecdsa-p256-sha256'].publicKey);
  spki.set(new Uint8Array(32).fill(7), spki.length - 32);
  expect(onNode.publicKeyChecker(facts, spki)).toBe('is no public key');
  const check = onWeb.publicKeyChecker(facts, spki);
  if (typeof check === 'string') return;
  const right = sign(facts.hash, bytes, pairs['ecdsa-p256-sha256'].privateKey);
  await expect(check([bytes], [right])).rejects.toThrow(Error);
});

describe('an ECDSA signature', () => {
  const facts = factsOf('ecdsa-p256-sha256');
  const { privateKey, publicKey } = pairs['ecdsa-p256-sha256'];
  const checkers = bothPlatforms.map(([, platform]) => {
    const check = platform.publicKeyChecker(facts, der(publicKey));
    if (typeof check === 'string') throw new Error(check);
    return check;
  });
  const answers = (signature: Uint8Array) =>
    Promise.all(checkers.map(async (check) => check([bytes], [signature])));

  it('is right on both platforms whatever the length of its numbers', async () => {
    const lengths = new Set<number>();
    for (let round = 0; round < 300; round += 1) {
      const signature = sign(facts.hash, bytes, privateKey);
      lengths.add(signature.length);
      expect(await answers(signature)).toEqual([true, true]);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  it('is wrong on both platforms with any byte changed, added or left out', async () => {
    const signature = sign(facts.hash, bytes, privateKey);
    const changed = Array.from(signature).flatMap((byte, index) => [
      ...[byte ^ 1, byte ^ 0x80, 0, 0xff].map((other) => {
        const copy = Uint8Array.from(signature);
        copy[index] = other;
        return copy;
      }),
      Buffer.concat([signature.subarray(0, index), signature.subarray(index + 1)]),
      Buffer.concat([signature.subarray(0, index), Buffer.of(0), signature.subarray(index)]),
      signature.subarray(0, index),
    ]);
    const wrong = changed.filter((copy) => !Buffer.from(copy).equals(signature));
    for (const copy of [...wrong, Buffer.concat([signature, Buffer.of(0)])]) {
      const hex = Buffer.from(copy).toString('hex');
      expect([hex, ...(await answers(copy))]).toEqual([hex, false, false]);
    }
  });

  it('has one spelling: numbers with a zero before them and long lengths are refused', async () => {
    const half = (signature: Buffer) => {
      const length = signature[3] as number;
      return [signature.subarray(4, 4 + length), signature.subarray(6 + length)] as const;
    };
    const integer = (number: Uint8Array) => Buffer.concat([Buffer.of(2, number.length), number]);
    const list = (...parts: Uint8Array[]) => {
      const content = Buffer.concat(parts);
      return Buffer.concat([Buffer.of(0x30, content.length), content]);
    };
    const signature = sign(facts.hash, bytes, privateKey);
    const [r, s] = half(signature);
    expect(list(integer(r), integer(s))).toEqual(signature);
    const padded = Buffer.concat([Buffer.of(0), r]);
    const long = Buffer.concat([Buffer.of(0x30, 0x81), signature.subarray(1)]);
    for (const odd of [
      list(integer(padded), integer(s)),
      list(integer(r), integer(s), integer(s)),
      list(integer(r)),
      list(integer(r), Buffer.of(2, 0)),
      list(integer(r), Buffer.of(2, 1, 0)),
      long,
      Buffer.concat([r, s]),
      Buffer.alloc(0),
    ]) {
      const hex = odd.toString('hex');
      expect([hex, ...(await answers(odd))]).toEqual([hex, false, false]);
    }
  });
});

describe.each(bothPlatforms)('a certificate on %s', (_name, platform) => {
  it('gives its key and its times', async () => {
    const { publicKey, validFrom, validTo } = platform.readCertificate(certificate);
    const facts = factsOf('rsa-sha256');
    const signature = sign('sha256', bytes, certifiedKey);
    for (const key of [publicKey, certificate]) {
      const check = platform.publicKeyChecker(facts, key);
      if (typeof check === 'string') throw new Error(check);
      expect(await check([bytes], [signature])).toBe(true);
    }
    const other = onNode.readCertificate(certificate);
    expect([validFrom, validTo]).toEqual([other.validFrom, other.validTo]);
    expect(validTo - validFrom).toBeGreaterThan(86_400_000);
  });

  it.each([
    ['nothing', () => ''],
    ['a key', () => pem(createPublicKey(certifiedKey))],
    ['half of one', () => certificate.replace(/.{64}\n.{64}\n/, '')],
  ])('is refused where there is %s', (_what, write) => {
    expect(() => platform.readCertificate(write())).toThrow(Error);
  });
});

describe('a point of Ed25519 for which anybody can sign', () => {
  const facts = factsOf('ed25519');
  const zeros = '00'.repeat(31);
  const ones = 'ff'.repeat(30);
  const two = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03';
  const points = [
    `00${zeros}`,
    `01${zeros}`,
    `01${zeros.slice(2)}80`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    `${two}7a`,
    `${two}fa`,
    `ec${ones}7f`,
    `ed${ones}7f`,
    `ee${ones}7f`,
  ];

  it.each(points)('is no key: %s', (hex) => {
    const point = Uint8Array.from(Buffer.from(hex, 'hex'));
    const spki = Uint8Array.from([...Buffer.from('302a300506032b6570032100', 'hex'), ...point]);
    const key = Buffer.from(spki).toString('base64');
    const text = `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n`;
    const x = Buffer.from(point).toString('base64url');
    for (const [, platform] of bothPlatforms) {
      for (const input of [point, spki, text, { kty: 'OKP', crv: 'Ed25519', x }]) {
        expect(platform.publicKeyChecker(facts, input)).toBe(
          'is a point for which anybody can sign',
        );
      }
    }
  });

  it('is none of those that differ from them in a bit', () => {
    for (const [, platform] of bothPlatforms) {
      const point = Uint8Array.from(Buffer.from(`02${zeros}`, 'hex'));
      expect(platform.publicKeyChecker(facts, point)).not.toContain('anybody');
    }
  });
});
