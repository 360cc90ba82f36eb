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

/** What is not known of the return's signature; the first of each is the default. */
export interface ReturnVariants {
  /** `bare`: `~` stays as it is, as Go writes it. */
  readonly tilde: 'php' | 'bare';
  /** `bare`: `*` stays as it is, as browsers and .NET write it. */
  readonly star: 'php' | 'bare';
  /** `drop`: fields that are `"0"` are not covered. */
  readonly zero: 'keep' | 'drop';
  /** `drop`: fields of white space alone are not covered. */
  readonly blank: 'keep' | 'drop';
  /** `unsigned`: no signature when the status is `E`. */
  readonly errors: 'signed' | 'unsigned';
}

/** As the vendor's PHP code reads it. */
export const published: ReturnVariants = Object.freeze({
  tilde: 'php',
  star: 'php',
  zero: 'keep',
  blank: 'keep',
  errors: 'signed',
});

/** The text that the return's signature covers: empty fields dropped, names in byte order, PHP encoding. */
export const canonicalReturn = (
  fields: Readonly<Record<string, string>>,
  { tilde, star, zero, blank }: ReturnVariants = published,
): string => {
  const text = Object.entries(fields)
    .filter(([name, value]) => name !== 'signature' && value !== '')
    .filter(([, value]) => zero === 'keep' || value !== '0')
    .filter(([, value]) => blank === 'keep' || value.trim() !== '')
    .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .map(([name, value]) => `${phpEncode(name)}=${phpEncode(value)}`)
    .join('&');
  const withTilde = tilde === 'bare' ? text.replaceAll('%7E', '~') : text;
  return star === 'bare' ? withTilde.replaceAll('%2A', '*') : withTilde;
};

/** The fields with their signature, in the alphabetical order of the wire. */
export const signReturn = (
  key: string,
  fields: Readonly<Record<string, string>>,
  variants: ReturnVariants = published,
): Record<string, string> => {
  const isUnsigned = variants.errors === 'unsigned' && fields.respStatus === 'E';
  const signature = signBytes(key, Buffer.from(canonicalReturn(fields, variants)));
  const byName = ([left]: [string, string], [right]: [string, string]) => (left < right ? -1 : 1);
  const signed = isUnsigned ? fields : { ...fields, signature };
  return Object.fromEntries(Object.entries(signed).sort(byName));
};

/** Compact JSON as Go writes it: `&`, `<`, `>` and the two line separators are escaped. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[&<>\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
