import { describe, expect, it } from 'vitest';
import { isPayTabsError } from '../errors.js';
import { parseJson } from './json.js';
import { readAmount } from './wire.js';

describe('an amount of the gateway', () => {
  it.each([
    ['149.50', 'AED', 14950n],
    ['149.5', 'aed', 14950n],
    ['0', 'AED', 0n],
    ['700.000', 'AED', 70000n],
    ['700.00', 'JPY', 700n],
    ['12.34', 'KWD', 12340n],
  ])('%s %s is read exactly', (digits, currency, minor) => {
    expect(readAmount(digits, currency).minor).toBe(minor);
  });

  it.each([
    ['149.505', 'AED'],
    ['0.5', 'JPY'],
    ['1e2', 'AED'],
    ['', 'AED'],
    ['1', 'ZZZ'],
  ])('%s %s is refused, never rounded', (digits, currency) => {
    let refused = false;
    try {
      readAmount(digits, currency);
    } catch (error) {
      refused = isPayTabsError(error, 'INVALID_MONEY');
    }
    expect(refused).toBe(true);
  });

  it('that comes as a JSON number keeps its digits', () => {
    const text =
      '{"cart_amount":90071992547409.93,"cart_max":1.00000000000000001,"tran_total":1.10,"profile_id":98765}';
    expect(parseJson(text)).toEqual({
      cart_amount: '90071992547409.93',
      cart_max: '1.00000000000000001',
      tran_total: '1.10',
      profile_id: 98765,
    });
  });
});
