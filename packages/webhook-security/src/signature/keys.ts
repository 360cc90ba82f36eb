import { createSecretKey, type KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { WebhookSecurityError } from '../errors.js';
import { decodeBase64 } from './encoding.js';

/** How a key is written and how short it may be. */
export interface KeyFormat {
  /** `utf8`: the text itself is the key. `base64`: the text is the key in canonical base64. */
  readonly encoding: 'utf8' | 'base64';
  /** Taken off before decoding, where the text has it. */
  readonly prefix?: string;
  readonly minBytes: number;
}

/** A key as text or as bytes. Bytes are the key itself, whatever the scheme's encoding. */
export type WebhookKey = string | Uint8Array;

/**
 * Turns keys into key objects, which neither `inspect` nor JSON shows.
 * @throws WebhookSecurityError INVALID_KEY naming the place and the fault, never the key.
 */
export function readKeys(keys: unknown, format: KeyFormat): readonly KeyObject[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new WebhookSecurityError('INVALID_KEY', 'keys must be a list of at least one key');
  }
  return keys.map((key: unknown, index) => createSecretKey(readKey(key, index, format)));
}

function readKey(key: unknown, index: number, format: KeyFormat): Buffer {
  const refuse = (fault: string): never => {
    throw new WebhookSecurityError('INVALID_KEY', `keys[${index}] ${fault}`);
  };
  const bytes = keyBytes(key, format, refuse);
  if (bytes.length < format.minBytes) {
    refuse(`is ${bytes.length} bytes long; allowed: at least ${format.minBytes}`);
  }
  return bytes;
}

function keyBytes(key: unknown, format: KeyFormat, refuse: (fault: string) => never): Buffer {
  if (types.isUint8Array(key)) return Buffer.from(key);
  if (typeof key !== 'string') return refuse('is neither text nor bytes');
  if (key === '') return refuse('is empty');
  if (key.trim() === '') return refuse('is blank');
  if (key.trim() !== key)
    return refuse('is padded with white space: was it pasted with a newline?');
  if (format.encoding === 'utf8') return Buffer.from(key, 'utf8');
  const { prefix } = format;
  const text = prefix !== undefined && key.startsWith(prefix) ? key.slice(prefix.length) : key;
  return decodeBase64(text) ?? refuse('is not canonical base64');
}
