import { createHmac } from 'node:crypto';

/*
 * Written on its own, from the description of the algorithm, and not shared with any verifier: two
 * implementations that agree on real traffic check each other.
 */

/** Lower-case hex HMAC-SHA256 of these bytes. */
export const signBytes = (key: string, bytes: Uint8Array): string =>
  createHmac('sha256', key).update(bytes).digest('hex');

const unreserved = /[A-Za-z0-9\-_.]/;

/** PHP's `urlencode`: letters, digits, `-`, `_` and `.` stay, a space is `+`, every other byte `%XX`. */
export const phpEncode = (text: string): string =>
  Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const letter = String.fromCharCode(byte);
    if (byte < 128 && unreserved.test(letter)) return letter;
    return letter === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

/** The text that the return's signature covers: empty fields dropped, names in byte order, PHP encoding. */
export const canonicalReturn = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .filter(([name, value]) => name !== 'signature' && value !== '')
    .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .map(([name, value]) => `${phpEncode(name)}=${phpEncode(value)}`)
    .join('&');

/** The fields with their signature, in the alphabetical order of the wire. */
export const signReturn = (
  key: string,
  fields: Readonly<Record<string, string>>,
): Record<string, string> => {
  const signature = signBytes(key, Buffer.from(canonicalReturn(fields)));
  const byName = ([left]: [string, string], [right]: [string, string]) => (left < right ? -1 : 1);
  return Object.fromEntries(Object.entries({ ...fields, signature }).sort(byName));
};

/** Compact JSON as Go writes it: `&`, `<`, `>` and the two line separators are escaped. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[&<>\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
