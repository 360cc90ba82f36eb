import { z } from 'zod';
import { jsonNumber } from '../gateway/json.js';
import { isCurrency } from '../money/currencies.js';
import { largestMinor } from '../money/largest-minor.js';
import { formatMajor, type Money, money } from '../money/money.js';

const amountFrom = (least: bigint, message: string) =>
  z
    .custom<Money>(
      (value) => {
        const { minor, currency } = (value ?? {}) as Partial<Money>;
        return typeof minor === 'bigint' && minor >= least && isCurrency(currency);
      },
      { message },
    )
    // Copied, for the caller may change his object while the request is under way.
    .transform(({ minor, currency }) => money(minor, currency));

export const positiveMoney = amountFrom(
  1n,
  'must be Money above zero: { minor: bigint, currency }',
);

const isTaken = ({ minor, currency }: Money): boolean => minor <= largestMinor(currency);
const tooMuch = 'is more than the gateway takes';

/** Beside the amount of the request: charges, discounts, bounds. */
export const someMoney = amountFrom(
  0n,
  'must be Money of zero or more: { minor: bigint, currency }',
).refine(isTaken, tooMuch);

/** The same where it cannot be nothing. */
export const moreMoney = positiveMoney.refine(isTaken, tooMuch);

/** A JSON number, written from digits, never through a float. */
export const decimal = (amount: Money | undefined): unknown =>
  amount && jsonNumber(formatMajor(amount));

/** Complains of each amount that is in another currency than the request's. */
export function checkCurrency(
  { currency }: Money,
  others: readonly (readonly [readonly PropertyKey[], Money | undefined])[],
  context: z.RefinementCtx,
): void {
  for (const [path, other] of others) {
    if (other === undefined || other.currency === currency) continue;
    context.addIssue({ code: 'custom', path: [...path], message: `must be in ${currency}` });
  }
}
