import { expect, it } from 'vitest';
import { tokenChecker } from './token.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

it('a token is taken whole, alone or among others', () => {
  const isToken = tokenChecker(utf8('the token'));
  expect(isToken([], [utf8('the token')])).toBe(true);
  expect(isToken([], [utf8('other'), utf8('the token')])).toBe(true);
  expect(isToken([], [utf8('the token'), utf8('other')])).toBe(true);
  for (const wrong of ['the toke', 'the tokens', '']) {
    expect([wrong, isToken([], [utf8(wrong)])]).toEqual([wrong, false]);
  }
  expect(isToken([], [])).toBe(false);
});
