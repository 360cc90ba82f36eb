import { compare, genSaltSync, hash } from 'bcrypt';

/** Nest token of the {@link PasswordHasher}. */
export const PASSWORD_HASHER = Symbol('PasswordHasher');

/** bcrypt reads no more than 72 bytes; a longer password would be cut in silence. */
export const PASSWORD_MAX_BYTES = 72;

export interface PasswordHasher {
  /** @throws RangeError for a password of more than 72 bytes */
  hash(password: string): Promise<string>;
  /** Takes the same time whether there is a hash or not, so that an answer does not tell who has an account. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

/** bcrypt in the thread pool. @param options `cost` as a power of two; 4 to 20; default 12, about a quarter of a second */
export function createBcryptHasher(options: { readonly cost?: number } = {}): PasswordHasher {
  const { cost = 12 } = options;
  if (!Number.isInteger(cost) || cost < 4 || cost > 20) {
    throw new RangeError(`The cost of bcrypt must be a whole number from 4 to 20, not ${cost}`);
  }
  // A salt followed by 31 characters has the form of a hash that no password fits.
  const nobodysHash = `${genSaltSync(cost)}${'.'.repeat(31)}`;
  return {
    async hash(password) {
      if (isTooLong(password)) {
        throw new RangeError(`A password must not be longer than ${PASSWORD_MAX_BYTES} bytes`);
      }
      return hash(password, cost);
    },
    async verify(password, stored) {
      const fits = await compare(password, stored ?? nobodysHash);
      return fits && stored !== undefined && !isTooLong(password);
    },
  };
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password) > PASSWORD_MAX_BYTES;
}
