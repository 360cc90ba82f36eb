import type { Currency } from './currencies.js';
import { exponentOf } from './money.js';

/** The gateway's bound for an amount, 9999999999.99, in minor units of a currency. */
export const largestMinor = (currency: Currency): bigint => {
  const exponent = exponentOf(currency);
  return exponent < 2 ? 9_999_999_999n : 999_999_999_999n * 10n ** BigInt(exponent - 2);
};
