import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  KeyObject,
  randomBytes,
} from 'node:crypto';
import { invalidOption } from '../errors.js';
import { readText, refuseUnknown } from '../validation.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MOST_KEYS = 16;
const LONGEST_ID = 64;

/** A key that seals the values of personal classes. */
export interface SealKey {
  /** Written in the clear beside what it sealed. */
  readonly id: string;
  /** 32 random bytes, or a secret `KeyObject` of that size. */
  readonly key: Uint8Array | KeyObject;
}

/**
 * Seals with AES-256-GCM under the first key, and opens with any: a new key is first added behind the one in
 * use, in every process, and then put before it. Shows its keys to nobody.
 */
export class Sealing {
  readonly #keys = new Map<string, KeyObject>();
  readonly #first: string;

  /** @throws INVALID_OPTION */
  constructor(keys: readonly SealKey[]) {
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) {
      throw invalidOption('sealKeys', keys, `a list of 1 to ${MOST_KEYS} keys`);
    }
    for (const [index, key] of keys.entries()) this.#add(`sealKeys.${index}`, key);
    [this.#first] = this.#keys.keys() as unknown as [string];
  }

  /** @param bound what the bytes belong to: they can be opened for nothing else */
  seal(bytes: Uint8Array, bound: Uint8Array): Buffer {
    const id = Buffer.from(this.#first);
    const nonce = randomBytes(NONCE_BYTES);
    const key = this.#keys.get(this.#first) as KeyObject;
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bound);
    const sealed = [cipher.update(bytes), cipher.final()];
    return Buffer.concat([Uint8Array.of(id.length), id, nonce, cipher.getAuthTag(), ...sealed]);
  }

  /** @returns undefined if no key of these sealed exactly these bytes for exactly this */
  open(sealed: Buffer, bound: Uint8Array): Buffer | undefined {
    const nonceAt = 1 + (sealed[0] ?? 0);
    const tagAt = nonceAt + NONCE_BYTES;
    const bytesAt = tagAt + TAG_BYTES;
    const key = this.#keys.get(sealed.toString('utf8', 1, nonceAt));
    if (key === undefined || bytesAt > sealed.length) return undefined;
    try {
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, tagAt))
        .setAAD(bound)
        .setAuthTag(sealed.subarray(tagAt, bytesAt));
      const opened = decipher.update(sealed.subarray(bytesAt));
      decipher.final();
      return opened;
    } catch {
      return undefined;
    }
  }

  #add(path: string, given: SealKey): void {
    refuseUnknown(path, given, ['id', 'key']);
    const id = readText(`${path}.id`, given.id);
    if (Buffer.byteLength(id) > LONGEST_ID || this.#keys.has(id)) {
      throw invalidOption(
        `${path}.id`,
        id,
        `another than all others, of up to ${LONGEST_ID} bytes`,
      );
    }
    const key = asKeyObject(given.key);
    if (key?.symmetricKeySize !== KEY_BYTES) {
      throw invalidOption(
        `${path}.key`,
        typeof given.key,
        `${KEY_BYTES} bytes, or a KeyObject of them`,
      );
    }
    this.#keys.set(id, key);
  }
}

const asKeyObject = (key: unknown): KeyObject | undefined => {
  if (key instanceof KeyObject) return key;
  return key instanceof Uint8Array && key.length > 0 ? createSecretKey(key) : undefined;
};
