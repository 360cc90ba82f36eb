import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The hashes a scheme may name. SHA-1 is not among them. */
export type HashAlgorithm = 'sha256' | 'sha384' | 'sha512';

export const digestBytes: Readonly<Record<HashAlgorithm, number>> = Object.freeze({
  sha256: 32,
  sha384: 48,
  sha512: 64,
});

/** A message in pieces, hashed one behind the other. */
export type Message = readonly (string | Uint8Array)[];

export function hmac(algorithm: HashAlgorithm, key: KeyObject, message: Message): Buffer {
  const mac = createHmac(algorithm, key);
  for (const piece of message) mac.update(piece);
  return mac.digest();
}

/** Compares in constant time. Bytes of another length never match and never throw. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
