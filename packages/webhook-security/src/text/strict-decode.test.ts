import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64Text,
  decodeHexText,
  decodeInto,
  decodeStrictly,
  type SignatureEncoding,
} from './strict-decode.js';

describe('strict decoding', () => {
  it.each<SignatureEncoding>(['hex', 'base64'])('reads back the %s of any bytes', (encoding) => {
    const decodeText = encoding === 'hex' ? decodeHexText : decodeBase64Text;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = Buffer.from(bytes).toString(encoding);
        expect(decodeText(text)).toEqual(bytes);
        expect(decodeStrictly(`v1=${text}`, 3, encoding, bytes.length)).toEqual(bytes);
        expect(decodeStrictly(text, 0, encoding, bytes.length + 1)).toBeUndefined();
      }),
    );
  });

  it('reads from the middle of a text, and writes no further than the bytes go', () => {
    const memory = new Uint8Array(4);
    expect(decodeInto(memory.subarray(0, 1), 'v1=QQ==,', 3, 7, 'base64')).toBe(true);
    expect(decodeInto(memory.subarray(1, 3), 'v1=QUE=,', 3, 7, 'base64')).toBe(true);
    expect([...memory]).toEqual([65, 65, 65, 0]);
  });

  it.each(['4', '414', '4G', 'g4', '4A', '0x', '4\u0131', '\x7f1', ' 4', '4='])(
    'reads no hexadecimal digits from %j',
    (text) => {
      expect(decodeHexText(text)).toBeUndefined();
    },
  );

  it.each([
    ['without padding', 'QQ', 1],
    ['with too little padding', 'QQ=', 1],
    ['with too much padding', 'QUFB====', 3],
    ['of padding only', '====', 1],
    ['with digits in place of two signs of padding', 'QQAA', 1],
    ['with a digit in place of the first sign', 'QQA=', 1],
    ['with a digit in place of the second sign', 'QQ=A', 1],
    ['with a digit in place of the only sign', 'QUEA', 2],
    ['with the lowest of four spare bits set', 'QR==', 1],
    ['with the highest of four spare bits set', 'QY==', 1],
    ['with the lowest of two spare bits set', 'QUF=', 2],
    ['with the highest of two spare bits set', 'QUG=', 2],
    ['of another alphabet', 'QU-_', 3],
    ['with white space', 'QU E', 3],
    ['with padding inside', 'QQ==QUFB', 4],
    ['with a letter beyond ASCII', 'QUF\u0141', 3],
    ['with the last code of ASCII', 'QUF\x7f', 3],
  ])('reads no base64 %s', (_how, text, byteLength) => {
    expect(decodeStrictly(text, 0, 'base64', byteLength)).toBeUndefined();
  });

  it.each(['=', '==', '===', '====', 'Q', 'QQ', 'QQ=', 'QUFBQ', 'QR==', 'QUF='])(
    'reads no base64 of any length from %j',
    (text) => {
      expect(decodeBase64Text(text)).toBeUndefined();
    },
  );
});
