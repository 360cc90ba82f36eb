import type { SignatureChecker } from '../../crypto/checker.js';
import { sha256 } from './sha256.js';

/** Compares tokens by their digests, so that neither place nor length of a difference shows. */
export function tokenChecker(secret: Uint8Array): SignatureChecker {
  const kept = Uint8Array.from(secret);
  let expected: Promise<Uint8Array> | undefined;
  return async (_message, tokens) => {
    expected ??= sha256(kept);
    for (const token of tokens) {
      if (sameDigest(await expected, await sha256(token))) return true;
    }
    return false;
  };
}

/** Looks at every byte, whatever the first ones say. */
function sameDigest(left: Uint8Array, right: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) {
    difference |= (left[index] as number) ^ (right[index] as number);
  }
  return difference === 0;
}
