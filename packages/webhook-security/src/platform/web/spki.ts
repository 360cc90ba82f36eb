import type { AlgorithmFacts } from '../../crypto/algorithms.js';
import type { PublicKeyInput } from '../../crypto/public-key.js';
import { isOfSmallOrder, SMALL_ORDER } from '../../crypto/small-order.js';
import { isUint8Array } from '../../request/bytes.js';
import type { PublicJsonWebKey } from '../../signature/json-web-key.js';
import { toHex } from '../../text/hex.js';
import { decodeBase64Text, decodeHexText } from '../../text/strict-decode.js';
import { joinPieces } from './bytes.js';
import { certificateOf } from './certificate.js';
import { DER, readDer, readDerList, readUnsigned, writeDer, writeUnsigned } from './der.js';
import { readPem } from './pem.js';

type KeyType = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>['keyType'];

/** The names of the kinds of keys, in DER. */
const NAMES: Readonly<Record<KeyType, string>> = {
  ed25519: '2b6570',
  ec: '2a8648ce3d0201',
  rsa: '2a864886f70d010101',
};
const P256 = '2a8648ce3d030107';

const LEAST_RSA_BITS = 2048;

/** A public key in SPKI form, whatever it was given as; undefined where it is none. */
export function spkiOf(keyType: KeyType, input: PublicKeyInput): Uint8Array | undefined {
  if (typeof input === 'string') return spkiOfPem(input);
  if (!isUint8Array(input)) return spkiOfJwk(input as PublicJsonWebKey);
  return keyType === 'ed25519' && input.length === 32 ? writeSpki('ed25519', input) : input;
}

/** What is wrong with a key, in words, as far as it shows before it is imported. */
export function findFault(keyType: KeyType, spki: Uint8Array): string | undefined {
  const [kind, bits, ...more] = readDerList(spki) ?? [];
  const [name, parameter] = readDer(kind?.content ?? new Uint8Array()) ?? [];
  const isKey = kind?.tag === DER.list && name?.tag === DER.name && more.length === 0;
  if (!isKey || bits?.tag !== DER.bits || bits.content[0] !== 0) return 'is no public key';
  const found = toHex(name.content);
  if (found !== NAMES[keyType]) return `is of the kind ${nameOf(found)}`;
  if (keyType === 'ec' && toHex(parameter?.content ?? name.content) !== P256) {
    return 'is on another curve than prime256v1';
  }
  if (keyType === 'ed25519') return isOfSmallOrder(spki.subarray(-32)) ? SMALL_ORDER : undefined;
  if (keyType !== 'rsa') return undefined;
  const modulus = readUnsigned(readDerList(bits.content.subarray(1))?.[0]);
  if (modulus === undefined) return 'is no public key';
  const bitLength = modulus.length * 8 - Math.clz32(modulus[0] ?? 0x80) + 24;
  return bitLength < LEAST_RSA_BITS
    ? `has ${bitLength} bits; allowed: at least ${LEAST_RSA_BITS}`
    : undefined;
}

function nameOf(found: string): string {
  return Object.entries(NAMES).find(([, name]) => name === found)?.[0] ?? `with the name ${found}`;
}

function writeSpki(keyType: KeyType, key: Uint8Array): Uint8Array {
  const name = nameBytes(NAMES[keyType]);
  const parameters = { ed25519: [], ec: [nameBytes(P256)], rsa: [writeDer(DER.none)] };
  return writeDer(
    DER.list,
    writeDer(DER.list, name, ...parameters[keyType]),
    writeDer(DER.bits, Uint8Array.of(0), key),
  );
}

function nameBytes(hex: string): Uint8Array {
  return writeDer(DER.name, decodeHexText(hex) as Uint8Array);
}

function spkiOfPem(text: string): Uint8Array | undefined {
  const block = readPem(text);
  if (block?.label === 'PUBLIC KEY') return block.bytes;
  if (block?.label === 'RSA PUBLIC KEY') return writeSpki('rsa', block.bytes);
  if (block?.label !== 'CERTIFICATE') return undefined;
  return certificateOf(block.bytes)?.publicKey as Uint8Array | undefined;
}

function spkiOfJwk({ kty, crv, x, y, n, e }: PublicJsonWebKey): Uint8Array | undefined {
  if (kty === 'OKP' && crv === 'Ed25519') {
    const point = decodeBase64Url(x);
    return point?.length === 32 ? writeSpki('ed25519', point) : undefined;
  }
  if (kty === 'EC' && crv === 'P-256') {
    const [left, right] = [decodeBase64Url(x), decodeBase64Url(y)];
    if (left?.length !== 32 || right?.length !== 32) return undefined;
    return writeSpki('ec', joinPieces([Uint8Array.of(4), left, right]));
  }
  const [modulus, exponent] = [decodeBase64Url(n), decodeBase64Url(e)];
  if (kty !== 'RSA' || modulus === undefined || exponent === undefined) return undefined;
  const key = writeDer(DER.list, writeUnsigned(modulus), writeUnsigned(exponent));
  return writeSpki('rsa', key);
}

function decodeBase64Url(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const digits = text.replaceAll('-', '+').replaceAll('_', '/');
  return decodeBase64Text(digits.padEnd(Math.ceil(digits.length / 4) * 4, '='));
}
