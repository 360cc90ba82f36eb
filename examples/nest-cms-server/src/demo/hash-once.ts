import type { PasswordHasher } from '../protection/password-hasher.js';

/** Hashes each password once: that of all the demo's people is the same, and a hash costs a quarter of a second. */
export function hashOnce(hasher: PasswordHasher): PasswordHasher {
  const hashes = new Map<string, Promise<string>>();
  return {
    hash: (password) => {
      const hash = hashes.get(password) ?? hasher.hash(password);
      hashes.set(password, hash);
      return hash;
    },
    verify: (password, hash) => hasher.verify(password, hash),
  };
}
