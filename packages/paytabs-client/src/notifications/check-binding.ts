import { type AmountRange, fitsAmount } from '../intents/amount-range.js';
import { formatMajor, type Money } from '../money/money.js';

/** A notice or a transaction. */
export interface BindingSubject {
  readonly profileId?: number;
  readonly cartId: string;
  readonly cartAmount: Money;
  readonly total: Money;
  readonly previousTranRef?: string;
}

/** What the own books say, whatever the price. */
interface ExpectedOrder {
  readonly profileId: number;
  readonly cartId: string;
  readonly amount: Money;
  /**
   * Own transactions this one may act on: the sale of a refund, the hold of a capture, the pending request of a
   * deferred payment, the source of a token. Without it a follow-up is never bound.
   */
  readonly previousTranRefs?: readonly string[];
}

/** What the own books say. A price that the shopper may choose has no discount. */
export type Expected = ExpectedOrder &
  (
    | {
        /** Takes a `total` below the amount, for pages with card discounts. Default false. */
        readonly allowDiscount?: boolean;
        readonly amountRange?: undefined;
      }
    | {
        /** Takes any amount from `min` to `max`, for pages with a donation. What was given is `total`. */
        readonly amountRange: AmountRange;
        readonly allowDiscount?: false | undefined;
      }
  );

/** One thing that is not as the own books say. */
export interface Mismatch {
  readonly field: 'profileId' | 'cartId' | 'currency' | 'cartAmount' | 'total' | 'previousTranRef';
  readonly expected: string;
  readonly actual: string;
}

/** Whether a notice or a transaction is the one the own books know. */
export type Binding =
  | { readonly bound: true }
  | { readonly bound: false; readonly mismatches: readonly [Mismatch, ...Mismatch[]] };

const show = (amount: Money) => `${formatMajor(amount)} ${amount.currency}`;

const showExpected = ({ amount, amountRange }: Expected) =>
  amountRange === undefined
    ? show(amount)
    : `${formatMajor(amountRange.min)} to ${show(amountRange.max)}`;

/**
 * Compares profile, cart, currency, amount and parent with what was stored. The client's `confirm` does this for the
 * notice and again for the query's answer. Rows of a query by cart name no profile: the key has vouched for it.
 */
export function checkBinding(subject: BindingSubject, expected: Expected): Binding {
  const mismatches: Mismatch[] = [];
  const differ = (field: Mismatch['field'], want: string, actual: string) =>
    mismatches.push({ field, expected: want, actual });

  const { profileId, cartId, cartAmount, total, previousTranRef } = subject;
  if (profileId !== undefined && profileId !== expected.profileId) {
    differ('profileId', String(expected.profileId), String(profileId));
  }
  if (cartId !== expected.cartId) differ('cartId', expected.cartId, cartId);
  const { amount } = expected;
  if (total.currency !== amount.currency) {
    differ('currency', amount.currency, total.currency);
  } else if (!fitsAmount(expected, total) && !isDiscounted(total, expected)) {
    differ('total', showExpected(expected), show(total));
  }
  if (!fitsAmount(expected, cartAmount)) {
    differ('cartAmount', showExpected(expected), show(cartAmount));
  }
  const parents = expected.previousTranRefs ?? [];
  if (previousTranRef !== undefined && !parents.includes(previousTranRef)) {
    differ('previousTranRef', parents.join(' or ') || 'none', previousTranRef);
  }
  const [first, ...more] = mismatches;
  return first === undefined ? { bound: true } : { bound: false, mismatches: [first, ...more] };
}

const isDiscounted = (
  { minor }: Money,
  { amount, amountRange, allowDiscount = false }: Expected,
): boolean => allowDiscount && amountRange === undefined && minor > 0n && minor < amount.minor;
