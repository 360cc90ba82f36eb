/** How a signature is written. Each has one canonical spelling; any other is malformed. */
export type SignatureEncoding = 'hex' | 'base64';

/** Decodes to exactly `byteLength` bytes, or to undefined. Hexadecimal digits are lower case. */
export function decodeSignature(
  text: string,
  encoding: SignatureEncoding,
  byteLength: number,
): Buffer | undefined {
  if (encoding === 'hex') {
    return isLowerHex(text, byteLength * 2) ? Buffer.from(text, 'hex') : undefined;
  }
  if (text.length !== Math.ceil(byteLength / 3) * 4) return undefined;
  return decodeBase64(text);
}

function isLowerHex(text: string, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

/** Canonical base64 only: padded, no spare bits, no other alphabet. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
