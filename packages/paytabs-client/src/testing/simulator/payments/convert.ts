import { type Currency, isCurrency } from '../../../money/currencies.js';
import { exponentOf, type Money, money } from '../../../money/money.js';

/** How much of the second currency one of the first is, by `AED/USD`, as decimal digits. */
export type Rates = Readonly<Record<string, string>>;

/** @throws RangeError for a rate that is none */
export function checkRates(rates: Rates): Rates {
  for (const [pair, rate] of Object.entries(rates)) {
    const isPair = pair.split('/').length === 2 && pair.split('/').every(isCurrency);
    if (isPair && /^\d{1,9}(\.\d{1,9})?$/.test(rate)) continue;
    throw new RangeError(`rates: "${pair}": "${rate}" is not such as "AED/USD": "0.2723"`);
  }
  return Object.freeze({ ...rates });
}

/** The amount in another currency, rounded half up; undefined without a rate, or when nothing is left of it. */
export function convert(amount: Money, currency: Currency, rates: Rates): Money | undefined {
  const rate = rates[`${amount.currency}/${currency}`];
  if (rate === undefined) return undefined;
  const [whole = '', fraction = ''] = rate.split('.');
  const numerator = amount.minor * BigInt(whole + fraction) * 10n ** BigInt(exponentOf(currency));
  const denominator = 10n ** BigInt(fraction.length + exponentOf(amount.currency));
  const minor = (2n * numerator + denominator) / (2n * denominator);
  return minor > 0n ? money(minor, currency) : undefined;
}
