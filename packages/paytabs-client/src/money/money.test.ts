import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPayTabsError } from '../errors.js';
import { type Currency, gatewayCurrencies } from './currencies.js';
import {
  addMoney,
  compareMoney,
  exponentOf,
  formatMajor,
  money,
  moneyFromJson,
  moneyToJson,
  parseMajor,
  sameMoney,
  subtractMoney,
} from './money.js';

const currency = fc.constantFrom(...gatewayCurrencies, 'XOF' as const);
const amount = fc.tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), currency);

const ending = (call: () => unknown): unknown => {
  try {
    call();
    return 'read';
  } catch (error) {
    return isPayTabsError(error, 'INVALID_MONEY') ? 'refused' : error;
  }
};
const refuses = (call: () => unknown) => ending(call) === 'refused';

describe('money', () => {
  it('knows how many decimals a currency has', () => {
    expect(
      ['JPY', 'AED', 'IDR', 'KWD', 'IQD', 'ZWG', 'VED', 'XCG', 'CLF'].map((code) =>
        exponentOf(code as Currency),
      ),
    ).toEqual([0, 2, 2, 3, 3, 2, 2, 2, 4]);
  });

  it.each([
    ['149.50', 'AED', 14950n],
    ['149.5', 'AED', 14950n],
    ['0.01', 'SAR', 1n],
    ['700', 'JPY', 700n],
    ['12.345', 'KWD', 12345n],
    ['-0.05', 'USD', -5n],
    ['90071992547409.93', 'USD', 9007199254740993n],
  ] as const)('reads %s %s without a float', (text, code, minor) => {
    expect(parseMajor(text, code)).toEqual({ minor, currency: code });
  });

  it.each([
    ['0.001', 'AED'],
    ['149.500', 'AED'],
    ['1.0', 'JPY'],
    ['1e3', 'AED'],
    ['1,000.00', 'AED'],
    [' 1', 'AED'],
    ['', 'AED'],
    ['.5', 'AED'],
    ['5.', 'AED'],
    ['+5', 'AED'],
    ['٥', 'AED'],
    ['NaN', 'AED'],
    ['1.00\n', 'AED'],
  ] as const)('refuses %j as %s', (text, code) => {
    expect(refuses(() => parseMajor(text, code))).toBe(true);
  });

  it('comes back from text as it was, for any amount', () => {
    fc.assert(
      fc.property(amount, ([minor, code]) => {
        const value = money(minor, code);
        expect(parseMajor(formatMajor(value), code)).toEqual(value);
      }),
    );
  });

  it('writes exactly the decimals of its currency', () => {
    fc.assert(
      fc.property(amount, ([minor, code]) => {
        const [, fraction = ''] = formatMajor(money(minor, code)).split('.');
        expect(fraction).toHaveLength(exponentOf(code));
      }),
    );
  });

  it('comes back from JSON as it was, up to the largest safe integer', () => {
    const safe = fc.tuple(fc.maxSafeInteger(), currency);
    fc.assert(
      fc.property(safe, ([minor, code]) => {
        const value = money(minor, code);
        expect(moneyFromJson(JSON.parse(JSON.stringify(moneyToJson(value))))).toEqual(value);
      }),
    );
  });

  it('refuses to go to JSON beyond that', () => {
    const beyond = fc.bigInt({ min: 2n ** 53n, max: 10n ** 30n });
    fc.assert(
      fc.property(beyond, fc.boolean(), (minor, negative) => {
        expect(refuses(() => moneyToJson(money(negative ? -minor : minor, 'AED')))).toBe(true);
      }),
    );
  });

  it('takes anything as JSON and throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(['read', 'refused']).toContain(ending(() => moneyFromJson(value)));
      }),
    );
  });

  it('adds and subtracts exactly and orders by amount', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 0n, max: 10n ** 20n }), ([minor, code], more) => {
        const left = money(minor, code);
        const sum = addMoney(left, money(more, code));
        expect(subtractMoney(sum, left).minor).toBe(more);
        expect(compareMoney(left, sum)).toBe(more === 0n ? 0 : -1);
        expect(sameMoney(left, sum)).toBe(more === 0n);
      }),
    );
  });

  it('never mixes currencies', () => {
    const dirhams = money(1n, 'AED');
    const riyals = money(1n, 'SAR');
    expect(sameMoney(dirhams, riyals)).toBe(false);
    for (const mix of [addMoney, subtractMoney, compareMoney]) {
      expect(refuses(() => mix(dirhams, riyals))).toBe(true);
    }
  });

  it('refuses fractions of a minor unit and unknown currencies', () => {
    expect(refuses(() => money(1.5, 'AED'))).toBe(true);
    expect(refuses(() => money(2 ** 53, 'AED'))).toBe(true);
    expect(refuses(() => money(1n, 'XXX' as Currency))).toBe(true);
  });
});
