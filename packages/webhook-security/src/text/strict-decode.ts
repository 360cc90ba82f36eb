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
  return decodeInto(bytes, text, start, text.length, encoding) ? bytes : undefined;
}

/** What stands from `start` to `end` into bytes that are there; they are of no use where it says no. */
export function decodeInto(
  bytes: Uint8Array,
  text: string,
  start: number,
  end: number,
  encoding: SignatureEncoding,
): boolean {
  return encoding === 'hex'
    ? decodeHex(text, start, end, bytes)
    : decodeBase64(text, start, end, bytes);
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

const EQUALS = 61;

/** The value of each digit by its code; -1 for what is none. */
function tableOf(digits: string): Int8Array {
  const table = new Int8Array(128).fill(-1);
  for (let value = 0; value < digits.length; value += 1) table[digits.charCodeAt(value)] = value;
  return table;
}

const HEX = tableOf('0123456789abcdef');
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

function decodeHex(text: string, start: number, end: number, bytes: Uint8Array): boolean {
  if (end - start !== bytes.length * 2) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    const high = text.charCodeAt(start + index * 2);
    const low = text.charCodeAt(start + index * 2 + 1);
    if ((high | low) > 127) return false;
    // Below 0 where one of both is no digit.
    const byte = ((HEX[high] as number) << 4) | (HEX[low] as number);
    if (byte < 0) return false;
    bytes[index] = byte;
  }
  return true;
}

function decodeBase64(text: string, start: number, end: number, bytes: Uint8Array): boolean {
  const groups = Math.ceil(bytes.length / 3);
  if (end - start !== groups * 4) return false;
  for (let group = 0; group < groups; group += 1) {
    const left = bytes.length - group * 3;
    const bits = readGroup(text, start + group * 4, left);
    if (bits < 0) return false;
    bytes[group * 3] = bits >>> 16;
    if (left > 1) bytes[group * 3 + 1] = bits >>> 8;
    if (left > 2) bytes[group * 3 + 2] = bits;
  }
  return true;
}

function digit(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code > 127 ? -1 : (BASE64[code] as number);
}

/** The 24 bits of four digits, the last ones `=` and zero where fewer than three bytes are left; below 0 for anything else. */
function readGroup(text: string, at: number, left: number): number {
  if (left > 2) {
    return (
      (digit(text, at) << 18) |
      (digit(text, at + 1) << 12) |
      (digit(text, at + 2) << 6) |
      digit(text, at + 3)
    );
  }
  const third = left === 2 ? digit(text, at + 2) : padding(text, at + 2);
  const bits =
    (digit(text, at) << 18) | (digit(text, at + 1) << 12) | (third << 6) | padding(text, at + 3);
  return (bits & (left === 2 ? 0xff : 0xffff)) === 0 ? bits : -1;
}

function padding(text: string, index: number): number {
  return text.charCodeAt(index) === EQUALS ? 0 : -1;
}
