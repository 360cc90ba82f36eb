import type { KeyObject } from 'node:crypto';
import type { AlgorithmFacts } from '../crypto/algorithms.js';
import type { SignatureChecker } from '../crypto/checker.js';
import type { PublicKeyInput } from '../crypto/public-key.js';
import type { Message } from '../signature/message.js';

type HmacFacts = Extract<AlgorithmFacts, { readonly kind: 'hmac' }>;
type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

/** What one platform has at once and another only later. */
export type MaybeLater<T> = T | Promise<T>;

/** A secret that is ready: nothing of it shows. */
export interface SecretKey {
  readonly check: SignatureChecker;
  readonly sign: (message: Message) => MaybeLater<Uint8Array>;
}

/** What is needed of a certificate. Times are milliseconds since 1970. */
export interface Certificate {
  readonly publicKey: KeyObject | Uint8Array;
  readonly validFrom: number;
  readonly validTo: number;
}

/**
 * What the sources need and the language has not. `./index.ts` has it from Node; the web build puts
 * `./web/index.ts` in its place, which has it from WebCrypto.
 */
export interface Platform {
  /** Whether hashes, signatures and their checks are there at once. */
  readonly isSynchronous: boolean;
  readonly hmacKey: (facts: HmacFacts, secret: Uint8Array) => SecretKey;
  /** The checker, or in words what is wrong with the key. */
  readonly publicKeyChecker: (
    facts: PublicKeyFacts,
    input: PublicKeyInput,
  ) => SignatureChecker | string;
  readonly tokenChecker: (secret: Uint8Array) => SignatureChecker;
  /** Fails where it is no private key of this kind. */
  readonly signPrivately: (
    facts: PublicKeyFacts,
    key: unknown,
    message: Message,
  ) => MaybeLater<Uint8Array>;
  readonly isKeyObject: (value: unknown) => value is KeyObject;
  /** The first certificate of a PEM text; throws where there is none. */
  readonly readCertificate: (pem: string) => Certificate;
  /** In lower-case hexadecimal digits; text stands for its UTF-8 bytes. */
  readonly sha256Hex: (data: Uint8Array | string) => MaybeLater<string>;
  /** Never the same twice. */
  readonly randomId: () => string;
  /** The prototype, besides that of `Uint8Array`, of bytes whose methods can be relied on. */
  readonly bytesPrototype: object;
  readonly newBytes: (length: number) => Uint8Array;
  readonly concatBytes: (pieces: readonly Uint8Array[]) => Uint8Array;
  readonly toBase64: (bytes: Uint8Array) => string;
  /** Text in which each character stands for one byte, so that nothing is lost or normalised. */
  readonly toByteText: (bytes: Uint8Array) => string;
  readonly fromByteText: (text: string) => Uint8Array;
  /** Tells whoever runs the process of what has no other place to go. */
  readonly warn: (text: string) => void;
}
