/** How a signature is made and checked. SHA-1 is left to the schemes of senders that know no better. */
export type SignatureAlgorithm =
  | 'hmac-sha256'
  | 'hmac-sha384'
  | 'hmac-sha512'
  | 'hmac-sha1'
  | 'ed25519'
  | 'ecdsa-p256-sha256'
  | 'rsa-sha256'
  | 'rsa-sha1'
  | 'token';

export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What one needs to know of each. */
export type AlgorithmFacts =
  /** `bytes` is the length of a signature. */
  | {
      readonly kind: 'hmac';
      readonly hash: Hash;
      readonly bytes: number;
      readonly blockBytes: number;
    }
  /** Without `bytes` the length depends on the key or the signature. */
  | {
      readonly kind: 'public-key';
      readonly hash: Hash | undefined;
      readonly keyType: 'ed25519' | 'ec' | 'rsa';
      readonly bytes?: number;
    }
  /** The key itself is sent. */
  | { readonly kind: 'token' };

export const algorithms: Readonly<Record<SignatureAlgorithm, AlgorithmFacts>> = Object.freeze({
  'hmac-sha256': { kind: 'hmac', hash: 'sha256', bytes: 32, blockBytes: 64 },
  'hmac-sha384': { kind: 'hmac', hash: 'sha384', bytes: 48, blockBytes: 128 },
  'hmac-sha512': { kind: 'hmac', hash: 'sha512', bytes: 64, blockBytes: 128 },
  'hmac-sha1': { kind: 'hmac', hash: 'sha1', bytes: 20, blockBytes: 64 },
  ed25519: { kind: 'public-key', hash: undefined, keyType: 'ed25519', bytes: 64 },
  'ecdsa-p256-sha256': { kind: 'public-key', hash: 'sha256', keyType: 'ec' },
  'rsa-sha256': { kind: 'public-key', hash: 'sha256', keyType: 'rsa' },
  'rsa-sha1': { kind: 'public-key', hash: 'sha1', keyType: 'rsa' },
  token: { kind: 'token' },
});
