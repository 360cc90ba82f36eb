import { type Money, sameMoney } from '../money/money.js';
import type { IntentSubject } from './intent.js';
import type { Row } from './judge-rows.js';

/** Between which amounts, both included, the shopper may choose. */
export interface AmountRange {
  readonly min: Money;
  readonly max: Money;
}

const isWithin = ({ minor, currency }: Money, { min, max }: AmountRange): boolean =>
  currency === min.currency && min.minor <= minor && minor <= max.minor;

/** Whether a transaction of this amount can be what was asked for. */
export const fitsAmount = (
  {
    amount,
    amountRange,
  }: { readonly amount: Money; readonly amountRange?: AmountRange | undefined },
  actual: Money,
): boolean =>
  sameMoney(actual, amount) || (amountRange !== undefined && isWithin(actual, amountRange));

/**
 * A row as the rules can compare it: they know one amount. What the shopper has chosen is the amount of the intent if it
 * was one he could choose, and else the other amount that it is. What moved (`total`) stays as it is.
 */
export function chosenRow<Each extends Row>(
  row: Each,
  subject: Pick<IntentSubject, 'amount' | 'amountRange'>,
): Each {
  if (subject.amountRange === undefined) return row;
  const { total, cartAmount } = row;
  const moved = total.minor > 0n && total.currency === subject.amount.currency;
  const chosen = moved ? total : cartAmount;
  return { ...row, cartAmount: fitsAmount(subject, chosen) ? subject.amount : chosen };
}
