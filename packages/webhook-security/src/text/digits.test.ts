import { describe, expect, it } from 'vitest';
import { hexDigit, parseDecimal } from './digits.js';

describe('hexDigit', () => {
  it('knows all sixteen digits in both cases, and nothing beside them', () => {
    const digits = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
      (_, code) => hexDigit(code) !== -1,
    );
    expect(digits.join('')).toBe('0123456789ABCDEFabcdef');
    for (const digit of digits) expect(hexDigit(digit.charCodeAt(0))).toBe(Number(`0x${digit}`));
    expect(hexDigit(Number.NaN)).toBe(-1);
  });
});

describe('parseDecimal', () => {
  it.each([
    ['0', 0],
    ['9', 9],
    ['10', 10],
    ['907', 907],
  ])('reads %j', (text, value) => {
    expect(parseDecimal(text, 3)).toBe(value);
  });

  it.each(['', '00', '01', '1000', '-1', '1/', '1:', ' 1'])('reads nothing from %j', (text) => {
    expect(parseDecimal(text, 3)).toBeUndefined();
  });
});
