import type { KeyObject } from 'node:crypto';
import { algorithms } from '../crypto/algorithms.js';
import type { SignatureChecker } from '../crypto/checker.js';
import { WebhookSecurityError } from '../errors.js';
import { hmacKey, isKeyObject, publicKeyChecker, tokenChecker } from '../platform/index.js';
import type { MaybeLater } from '../platform/platform.js';
import { isUint8Array } from '../request/bytes.js';
import type { SignatureVersion } from '../scheme/scheme.js';
import { decodeBase64Text, decodeHexText } from '../text/strict-decode.js';
import type { PublicJsonWebKey } from './json-web-key.js';
import type { Message } from './message.js';

/** How a key is written and how short it may be. */
export interface KeyFormat {
  /**
   * `utf8`: the text itself is the key. `base64`, `hex`: the text is the key in that spelling.
   * A public key may be given as PEM, whatever stands here.
   */
  readonly encoding: 'utf8' | 'base64' | 'hex';
  /** Taken off before decoding, where the text has it. */
  readonly prefix?: string;
  /** The least length of a secret, in bytes. */
  readonly minBytes: number;
}

/**
 * A key: as text, as bytes (the key itself, whatever the scheme's encoding), as a `KeyObject`, or,
 * where it is a public one, as a JWK.
 */
export type WebhookKey = string | Uint8Array | KeyObject | PublicJsonWebKey;

/** A key that is ready to check signatures. */
export interface ReadyKey {
  /** Which of the scheme's versions it checks. */
  readonly version: number;
  readonly check: SignatureChecker;
  /** The signature of a message; only of a secret. */
  readonly sign?: (message: Message) => MaybeLater<Uint8Array>;
}

type Refuse = (fault: string) => never;

/**
 * Makes keys ready. What is kept of them neither `inspect` nor JSON shows.
 * @throws WebhookSecurityError INVALID_KEY naming the place and the fault, never the key.
 */
export function readKeys(
  keys: unknown,
  versions: readonly SignatureVersion[],
): readonly ReadyKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new WebhookSecurityError('INVALID_KEY', 'keys must be a list of at least one key');
  }
  return keys.map((key: unknown, index) => {
    const refuse: Refuse = (fault) => {
      throw new WebhookSecurityError('INVALID_KEY', `keys[${index}] ${fault}`);
    };
    const version = versionOf(key, versions);
    return { version, ...readKey(key, versions[version] as SignatureVersion, refuse) };
  });
}

/** The version that a key belongs to: told by its prefix or its kind; else the first. */
function versionOf(key: unknown, versions: readonly SignatureVersion[]): number {
  const isPublic = (version: SignatureVersion) =>
    algorithms[version.algorithm].kind === 'public-key';
  let found = -1;
  if (typeof key === 'string' && !isPem(key)) {
    found = versions.findIndex(
      ({ key: { prefix } }) => prefix !== undefined && key.startsWith(prefix),
    );
  } else if (!isUint8Array(key) && !(isKeyObject(key) && key.type === 'secret')) {
    found = versions.findIndex(isPublic);
  }
  return Math.max(0, found);
}

function isPem(key: string): boolean {
  return key.startsWith('-----BEGIN ');
}

/**
 * As text or JWK; a `KeyObject` tells by itself. Node would take the public half of it: but then a
 * secret lies where none belongs, and nobody is told.
 */
function isPrivate(key: unknown): boolean {
  return typeof key === 'string' ? key.includes('PRIVATE KEY-----') : 'd' in Object(key);
}

function readKey(
  key: unknown,
  version: SignatureVersion,
  refuse: Refuse,
): Omit<ReadyKey, 'version'> {
  const { algorithm, key: format } = version;
  const facts = algorithms[algorithm];
  if (facts.kind === 'public-key') {
    if (isPrivate(key)) refuse('is a private key; a public one is needed');
    const input =
      typeof key === 'string' && !isPem(key)
        ? textBytes(key, format, refuse)
        : publicInput(key, refuse);
    const checker = publicKeyChecker(facts, input);
    return typeof checker === 'string' ? refuse(checker) : { check: checker };
  }
  if (typeof key === 'string' && isPem(key)) refuse('is a key in PEM; a secret is needed');
  const secret = secretBytes(key, format, refuse);
  if (secret.length < format.minBytes) {
    refuse(`is ${secret.length} bytes long; allowed: at least ${format.minBytes}`);
  }
  // Zeros of a buffer that nobody filled, blanks of a field that nobody filled in.
  if (typeof key !== 'string' && secret.every((byte) => byte === secret[0])) refuse('is blank');
  // A token is sent as it is.
  return facts.kind === 'hmac'
    ? hmacKey(facts, secret)
    : { check: tokenChecker(secret), sign: () => secret };
}

function publicInput(
  key: unknown,
  refuse: Refuse,
): Uint8Array | string | KeyObject | PublicJsonWebKey {
  if (typeof key === 'string' || isUint8Array(key) || isKeyObject(key)) return key;
  if (typeof key === 'object' && key !== null && 'kty' in key) return key as PublicJsonWebKey;
  return refuse('is no public key: neither text, bytes, a KeyObject nor a JWK');
}

function secretBytes(key: unknown, format: KeyFormat, refuse: Refuse): Uint8Array {
  if (isUint8Array(key)) return Uint8Array.from(key);
  if (isKeyObject(key)) {
    return key.type === 'secret' ? key.export() : refuse(`is a ${key.type} key, not a secret one`);
  }
  if (typeof key !== 'string') return refuse('is neither text nor bytes');
  if (key.startsWith(PUBLIC_PREFIX)) return refuse('is a public key, which anybody may have');
  return textBytes(key, format, refuse);
}

/** Of Standard Webhooks. */
const PUBLIC_PREFIX = 'whpk_';

/** Nothing that can be seen: white space, and what takes no place at all. */
const isBlank = /^[\s\p{Cf}]*$/u;

function textBytes(key: string, format: KeyFormat, refuse: Refuse): Uint8Array {
  if (key === '') return refuse('is empty');
  if (isBlank.test(key)) return refuse('is blank');
  if (key.trim() !== key) {
    return refuse('is padded with white space: was it pasted with a newline?');
  }
  const { encoding, prefix } = format;
  if (encoding === 'utf8') return new TextEncoder().encode(key);
  const text = prefix !== undefined && key.startsWith(prefix) ? key.slice(prefix.length) : key;
  const bytes = encoding === 'hex' ? decodeHexText(text.toLowerCase()) : decodeBase64Text(text);
  return bytes ?? refuse(`is not canonical ${encoding}`);
}
