import type { AlgorithmFacts } from '../../crypto/algorithms.js';
import type { SecretKey } from '../platform.js';
import { messageBytes } from './bytes.js';
import { hmacAlgorithm, importOnce } from './subtle.js';

type HmacFacts = Extract<AlgorithmFacts, { readonly kind: 'hmac' }>;

/** HMAC of WebCrypto, which compares in constant time. */
export function hmacKey({ hash, bytes }: HmacFacts, secret: Uint8Array): SecretKey {
  const key = importOnce('raw', secret, hmacAlgorithm(hash), ['sign', 'verify']);
  return {
    check: async (message, signatures) => {
      const data = messageBytes(message);
      for (const one of signatures) {
        const isWhole = one.length === bytes;
        if (isWhole && (await crypto.subtle.verify('HMAC', await key, one as never, data))) {
          return true;
        }
      }
      return false;
    },
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('HMAC', await key, messageBytes(message))),
  };
}
