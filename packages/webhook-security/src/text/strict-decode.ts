/** How a signature is written. Each has one canonical spelling; any other is malformed. */
export type SignatureEncoding = 'hex' | 'base64';

/**
 * Decodes what stands from `start` to the end to exactly `byteLength` bytes, or to undefined.
 * Hexadecimal digits are lower case, base64 is padded and has no bits to spare.
 */
export function decodeStrictly(
  text: string,
  start: number,
  encoding: SignatureEncoding,
  byteLength: number,
): Uint8Array | undefined {
  const bytes = new Uint8Array(byteLength);
  return decodeInto(bytes, text, start, encoding) ? bytes : undefined;
}

/** The same into bytes that are there; what they hold is of no use where it says no. */
export function decodeInto(
  bytes: Uint8Array,
  text: string,
  start: number,
  encoding: SignatureEncoding,
): boolean {
  return encoding === 'hex' ? decodeHex(text, start, bytes) : decodeBase64(text, start, bytes);
}

/** Canonical base64 of any length: padded, no spare bits, no other alphabet. */
export function decodeBase64Text(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decodeStrictly(text, 0, 'base64', (text.length / 4) * 3 - padding);
}

/** Lower-case hexadecimal digits of any even number. */
export function decodeHexText(text: string): Uint8Array | undefined {
  return text.length % 2 === 0 ? decodeStrictly(text, 0, 'hex', text.length / 2) : undefined;
}

const NONE = 255;
const EQUALS = 61;

/** The value of each digit by its code; `NONE` for what is none. */
function tableOf(digits: string): Uint8Array {
  const table = new Uint8Array(128).fill(NONE);
  for (let value = 0; value < digits.length; value += 1) table[digits.charCodeAt(value)] = value;
  return table;
}

const HEX = tableOf('0123456789abcdef');
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

function digit(table: Uint8Array, text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (table[code] as number) : NONE;
}

function decodeHex(text: string, start: number, bytes: Uint8Array): boolean {
  if (text.length - start !== bytes.length * 2) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    const high = digit(HEX, text, start + index * 2);
    const low = digit(HEX, text, start + index * 2 + 1);
    if (high === NONE || low === NONE) return false;
    bytes[index] = high * 16 + low;
  }
  return true;
}

function decodeBase64(text: string, start: number, bytes: Uint8Array): boolean {
  const groups = Math.ceil(bytes.length / 3);
  if (text.length - start !== groups * 4) return false;
  for (let group = 0; group < groups; group += 1) {
    const left = bytes.length - group * 3;
    const bits = readGroup(text, start + group * 4, left);
    if (bits === undefined) return false;
    bytes[group * 3] = bits >>> 16;
    if (left > 1) bytes[group * 3 + 1] = bits >>> 8;
    if (left > 2) bytes[group * 3 + 2] = bits;
  }
  return true;
}

/** The 24 bits of four digits, the last ones `=` and zero where fewer than three bytes are left. */
function readGroup(text: string, at: number, left: number): number | undefined {
  let bits = 0;
  for (let index = 0; index < 4; index += 1) {
    let value = 0;
    if (index <= left) value = digit(BASE64, text, at + index);
    else if (text.charCodeAt(at + index) !== EQUALS) return undefined;
    if (value === NONE) return undefined;
    bits = bits * 64 + value;
  }
  if ((left === 1 && (bits & 0xffff) !== 0) || (left === 2 && (bits & 0xff) !== 0))
    return undefined;
  return bits;
}
