import { expect, it } from 'vitest';
import { decodeUtf8 } from './utf8.js';

it('reads UTF-8 without its mark, and nothing where a byte is none', () => {
  expect(decodeUtf8(Uint8Array.of())).toBe('');
  expect(decodeUtf8(Buffer.from('é€😀'))).toBe('é€😀');
  expect(decodeUtf8(Buffer.from('\ufeffa'))).toBe('a');
  for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  }
});
