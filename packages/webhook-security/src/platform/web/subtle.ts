import type { AlgorithmFacts, Hash } from '../../crypto/algorithms.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

/** A key of WebCrypto, under a name that needs no types of a browser. */
export type WebKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const HASH_NAMES: Readonly<Record<Hash, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** What WebCrypto calls an HMAC. */
export function hmacAlgorithm(hash: Hash) {
  return { name: 'HMAC', hash: HASH_NAMES[hash] };
}

const NAMES = { ed25519: 'Ed25519', ec: 'ECDSA', rsa: 'RSASSA-PKCS1-v1_5' } as const;

/** What WebCrypto calls an algorithm with two keys: one name for making a key and for using it. */
export function publicKeyAlgorithm({ keyType, hash }: PublicKeyFacts) {
  return {
    name: NAMES[keyType],
    namedCurve: 'P-256',
    hash: HASH_NAMES[hash ?? 'sha512'],
  };
}

/**
 * Imports a key once; whoever waits for it is told when that fails, and nobody else is: a rejection
 * that no request waits for must not end the process.
 */
export function importOnce(
  format: 'raw' | 'spki' | 'pkcs8',
  bytes: Uint8Array,
  algorithm: object,
  uses: readonly ('sign' | 'verify')[],
): Promise<WebKey> {
  const imported = (async () =>
    crypto.subtle.importKey(format, bytes as never, algorithm as never, false, uses as never))();
  imported.catch(() => {});
  return imported as Promise<WebKey>;
}
