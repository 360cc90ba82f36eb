import { describe, expect, it } from 'vitest';
import { certificateOf } from '../../src/platform/web/certificate.js';
import { DER, readDer, readDerList, writeDer } from '../../src/platform/web/der.js';
import { findFault, spkiOf } from '../../src/platform/web/spki.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const list = (...values: Uint8Array[]) => writeDer(DER.list, ...values);
const utcTime = (text: string) => writeDer(DER.utcTime, utf8(text));
const time = (text: string) => writeDer(DER.time, utf8(text));
const number = writeDer(DER.integer, Uint8Array.of(1));
const version = writeDer(0xa0, number);
const key = list(number);

interface Parts {
  readonly before?: readonly Uint8Array[];
  readonly validity?: Uint8Array;
  readonly publicKey?: readonly Uint8Array[];
}

/** As much of a certificate as is looked at. */
const certificate = ({ before = [version], validity, publicKey = [key] }: Parts) =>
  list(
    list(
      ...before,
      number,
      list(),
      list(),
      validity ?? list(utcTime('260101000000Z'), utcTime('270101000000Z')),
      list(),
      ...publicKey,
    ),
    list(),
    number,
  );

describe('a certificate', () => {
  it.each<[string, Uint8Array, string]>([
    ['of this century', utcTime('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    ['of the last century', utcTime('500102030405Z'), '1950-01-02T03:04:05.000Z'],
    ['with the whole year', time('20500102030405Z'), '2050-01-02T03:04:05.000Z'],
  ])('has times %s', (_name, from, expected) => {
    const found = certificateOf(certificate({ validity: list(from, utcTime('270101000000Z')) }));
    expect(new Date(found?.validFrom ?? 0).toISOString()).toBe(expected);
    expect(found?.validTo).toBe(Date.UTC(2027, 0, 1));
    expect(found?.publicKey).toEqual(key);
  });

  it('may lack its version', () => {
    expect(certificateOf(certificate({ before: [] }))?.publicKey).toEqual(key);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a number', number],
    ['an empty list', list()],
    ['a list of a number', list(number)],
    ['one of broken DER', list(list(number, Uint8Array.of(0x30, 9)))],
    ['one without a key', certificate({ publicKey: [] })],
    ['one with a number for a key', certificate({ publicKey: [number] })],
    ['one without times', certificate({ validity: list() })],
    ['one with one time', certificate({ validity: list(utcTime('260101000000Z')) })],
    ['one with a number for a time', certificate({ validity: list(number, number) })],
    [
      'one with a time of another form',
      certificate({ validity: list(utcTime('260101000000Z'), utcTime('270101000000+0100')) }),
    ],
    ['one with more behind it', Uint8Array.of(...certificate({}), 0)],
    ['one with a second behind it', Uint8Array.of(...certificate({}), ...certificate({}))],
  ])('is not %s', (_name, bytes) => {
    expect(certificateOf(bytes)).toBeUndefined();
  });
});

describe('DER', () => {
  it.each([127, 128, 255, 256, 65_535, 65_536])('holds %s bytes and gives them back', (length) => {
    const content = new Uint8Array(length).fill(7);
    const [value, ...more] = readDer(writeDer(DER.bits, content)) ?? [];
    expect(value).toMatchObject({ tag: DER.bits, content });
    expect(more).toEqual([]);
  });

  it.each<[string, number[]]>([
    ['a tag alone', [0x30]],
    ['a length without an end', [0x30, 0x80, 0, 0]],
    ['a length that is not there', [0x30, 0x82, 1]],
    ['a length of too many bytes', [0x30, 0x84, 0, 0, 0, 1, 5]],
    ['a short length written long', [0x30, 0x81, 1, 5]],
    [
      'a long length with a zero before it',
      [0x30, 0x82, 0, 0x80, ...Array.from({ length: 128 }, () => 5)],
    ],
    ['less than the length says', [0x30, 2, 5]],
  ])('is not %s', (_name, bytes) => {
    expect(readDer(Uint8Array.from(bytes))).toBeUndefined();
    expect(readDerList(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('a public key', () => {
  const name = (hex: string) => writeDer(DER.name, Uint8Array.from(Buffer.from(hex, 'hex')));
  const bits = (...bytes: number[]) => writeDer(DER.bits, Uint8Array.from(bytes));
  const rsa = list(name('2a864886f70d010101'), writeDer(DER.none));

  it.each<[string, Uint8Array]>([
    ['without its bits', list(list(name('2b6570')))],
    ['with more than its bits', list(list(name('2b6570')), bits(0, 1), number)],
    ['with a number for its bits', list(list(name('2b6570')), number)],
    ['with bits to spare', list(list(name('2b6570')), bits(1, 2))],
    ['with a number for its kind', list(number, bits(0, 1))],
    ['with a number for the name of its kind', list(list(number), bits(0, 1))],
    ['with no name of its kind', list(list(), bits(0, 1))],
  ])('is none %s', (_name, spki) => {
    expect(findFault('ed25519', spki)).toBe('is no public key');
  });

  it('tells what else it is', () => {
    const odd = list(list(name('2b656e')), bits(0, 1));
    expect(findFault('ed25519', odd)).toBe('is of the kind with the name 2b656e');
    const noCurve = list(list(name('2a8648ce3d0201')), bits(0, 4));
    expect(findFault('ec', noCurve)).toBe('is on another curve than prime256v1');
  });

  it.each<[string, Uint8Array]>([
    ['no numbers', list()],
    ['a number below zero', list(writeDer(DER.integer, Uint8Array.of(0x80)), number)],
    ['a number of no bytes', list(writeDer(DER.integer), number)],
    ['zero', list(writeDer(DER.integer, Uint8Array.of(0)), number)],
  ])('for RSA is none of %s', (what, numbers) => {
    const spki = list(rsa, bits(0, ...numbers));
    const expected = what === 'zero' ? 'has 0 bits; allowed: at least 2048' : 'is no public key';
    expect(findFault('rsa', spki)).toBe(expected);
  });

  it.each([
    ['RSA without its modulus', { kty: 'RSA', e: 'AQAB' }],
    ['RSA without its exponent', { kty: 'RSA', n: 'AQAB' }],
    ['EC without its second number', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43) }],
    ['Ed25519 without its point', { kty: 'OKP', crv: 'Ed25519' }],
    ['X25519', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }],
    ['bytes in another alphabet', { kty: 'OKP', crv: 'Ed25519', x: '!'.repeat(43) }],
  ])('is no JWK of %s', (_name, jwk) => {
    for (const keyType of ['ed25519', 'rsa'] as const) {
      expect(spkiOf(keyType, jwk)).toBeUndefined();
    }
  });
});
