import type { AlgorithmFacts } from '../../crypto/algorithms.js';
import type { SignatureChecker } from '../../crypto/checker.js';
import type { PublicKeyInput } from '../../crypto/public-key.js';
import { messageBytes } from './bytes.js';
import { rawSignature } from './ecdsa-signature.js';
import { findFault, spkiOf } from './spki.js';
import { importOnce, publicKeyAlgorithm } from './subtle.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

/**
 * The checker, or in words what is wrong with the key. What shows only when it is imported, such as a
 * point that is on no curve, has every check fail.
 */
export function publicKeyChecker(
  facts: PublicKeyFacts,
  input: PublicKeyInput,
): SignatureChecker | string {
  const { keyType } = facts;
  const spki = spkiOf(keyType, input);
  const fault = spki === undefined ? 'is no public key' : findFault(keyType, spki);
  if (spki === undefined || fault !== undefined) return fault as string;
  const algorithm = publicKeyAlgorithm(facts);
  const key = importOnce('spki', spki, algorithm, ['verify']);
  return async (message, signatures) => {
    const data = messageBytes(message);
    for (const one of signatures) {
      const raw = keyType === 'ec' ? rawSignature(one) : one;
      if (raw === undefined) continue;
      if (await crypto.subtle.verify(algorithm, await key, raw as never, data)) return true;
    }
    return false;
  };
}
