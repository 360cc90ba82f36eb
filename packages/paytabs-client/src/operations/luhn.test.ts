import { describe, expect, it } from 'vitest';
import { passesLuhn } from './luhn.js';

describe('the check digit of a card number', () => {
  it.each([
    '4111111111111111',
    '5555555555554444',
    '378282246310005',
    '4222222222222',
    '6011000990139424',
  ])('fits %s', (digits) => expect(passesLuhn(digits)).toBe(true));

  it.each(['4111111111111112', '4111111111111117', '5555555555554445', '1411111111111111'])(
    'does not fit %s',
    (digits) => expect(passesLuhn(digits)).toBe(false),
  );
});
