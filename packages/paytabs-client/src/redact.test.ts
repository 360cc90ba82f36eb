import { describe, expect, it } from 'vitest';
import { excerptOf, redact } from './redact.js';

const KEY = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
const OTHER_KEY = 'S9KLM4NPQR-B7CD2FGH3J-K5LM6NPQ8R';

describe('what is shown of an answer', () => {
  it.each([
    ['the key in use', `key ${KEY} refused`, 'key [key] refused'],
    ['a key of another profile', `"${OTHER_KEY}" is not ${KEY}`, '"[key]" is not [key]'],
    ['a card number', 'card 4111 1111-11111111 declined', 'card [digits] declined'],
    ['a token', 'token 2C4650BC67A3E53CC6B791FF618275B9 is gone', 'token [token] is gone'],
    ['an address', 'mail to sara@example.com', 'mail to [e-mail]'],
  ])('is without %s', (_what, text, shown) => {
    expect(redact(text, KEY)).toBe(shown);
  });

  it('keeps references that support asks for', () => {
    const text = 'TST2632400000777 of PMNT0101.6A000001.00000A01';
    expect(redact(text, KEY)).toBe(text);
  });

  it('is cut, and of JSON the names of its fields', () => {
    expect(redact('x'.repeat(300), KEY)).toHaveLength(200);
    expect(excerptOf('{"name":"Sara Haddad","cart":{"id":"1"}}', KEY)).toBe(
      'fields: name, cart, id',
    );
  });
});
