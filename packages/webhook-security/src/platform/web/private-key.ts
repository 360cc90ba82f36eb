import type { AlgorithmFacts } from '../../crypto/algorithms.js';
import type { Message } from '../../signature/message.js';
import { messageBytes } from './bytes.js';
import { derSignature } from './ecdsa-signature.js';
import { readPem } from './pem.js';
import { importOnce, publicKeyAlgorithm } from './subtle.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

/** Signs with a private key in PKCS #8, the only form that WebCrypto reads. */
export async function signPrivately(
  facts: PublicKeyFacts,
  key: unknown,
  message: Message,
): Promise<Uint8Array> {
  const block = readPem(String(key));
  if (block?.label !== 'PRIVATE KEY') throw new TypeError('no private key');
  const algorithm = publicKeyAlgorithm(facts);
  const imported = await importOnce('pkcs8', block.bytes, algorithm, ['sign']);
  const data = messageBytes(message);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, imported, data));
  return facts.keyType === 'ec' ? derSignature(signature) : signature;
}
