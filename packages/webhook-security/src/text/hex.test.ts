import { expect, it } from 'vitest';
import { toHex } from './hex.js';

it('writes two lower-case digits for each byte', () => {
  expect(toHex(Uint8Array.of(0, 9, 10, 171, 255))).toBe('00090aabff');
  expect(toHex(new Uint8Array())).toBe('');
});
