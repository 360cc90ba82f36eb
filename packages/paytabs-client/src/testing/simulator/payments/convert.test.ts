import { describe, expect, it } from 'vitest';
import { formatMajor, parseMajor } from '../../../money/money.js';
import { checkRates, convert } from './convert.js';

describe('the simulator converts', () => {
  it.each([
    ['100.00', 'AED', 'USD', '0.2723', '27.23'],
    ['0.01', 'AED', 'KWD', '0.0838', '0.001'],
    ['1.00', 'USD', 'JPY', '149.5', '150'],
    ['1.00', 'USD', 'JPY', '149.49', '149'],
    ['2', 'JPY', 'USD', '0.0067', '0.01'],
    ['12.345', 'KWD', 'AED', '11.93', '147.28'],
  ] as const)('%s %s into %s at %s', (text, from, to, rate, result) => {
    const rates = checkRates({ [`${from}/${to}`]: rate });
    const converted = convert(parseMajor(text, from), to, rates);
    expect(converted && formatMajor(converted)).toBe(result);
  });

  it('nothing without a rate, nor into nothing', () => {
    expect(convert(parseMajor('1', 'AED'), 'USD', {})).toBeUndefined();
    expect(convert(parseMajor('1', 'JPY'), 'USD', { 'JPY/USD': '0.001' })).toBeUndefined();
  });

  it.each([
    { 'AED/XXX': '1' },
    { AED: '1' },
    { 'AED/USD': '-1' },
    { 'AED/USD': '1e3' },
    { 'AED/USD/SAR': '1' },
  ])('refuses the rates %j', (rates) => {
    expect(() => checkRates(rates as never)).toThrow(RangeError);
  });
});
