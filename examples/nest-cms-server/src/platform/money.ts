import {
  type Currency,
  isCurrency,
  type Money,
  money,
  moneyFromJson,
  moneyToJson,
} from '@nestcms/paytabs-client';
import { Long } from 'mongodb';
import { z } from 'zod';
import { unprocessable } from './http/problem.js';

/** Money as stored: an exact 64-bit integer of minor units, which the driver may hand out as a number when small. */
export interface StoredMoney {
  readonly minor: Long | number | bigint;
  readonly currency: Currency;
}

const currencySchema = z
  .string()
  .refine(isCurrency, { error: 'must be the ISO 4217 code of a supported currency, like AED' });

const wireSchema = z.strictObject({ minor: z.int().nonnegative(), currency: currencySchema });

/** Money in an answer: `{ "minor": 14950, "currency": "AED" }`. */
export const moneyViewSchema = wireSchema.meta({
  id: 'Money',
  description: 'An amount in the smallest unit of its currency.',
  example: { minor: 14950, currency: 'AED' },
});
export type MoneyView = z.output<typeof moneyViewSchema>;

/**
 * The largest single amount, 10^13 minor units: nine hundred of them still make a sum that JSON holds
 * exactly. The sums of a contract never exceed its one amount.
 */
export const MOST_MINOR = 10_000_000_000_000;

/** Money in a request that must be more than nothing. Becomes `Money`. */
export const positiveMoneySchema = wireSchema
  .extend({ minor: z.int().positive().max(MOST_MINOR) })
  .meta({ id: 'PositiveMoney', example: { minor: 14950, currency: 'AED' } })
  .transform((wire): Money => moneyFromJson(wire));

/** @throws Problem 422 `AMOUNT_TOO_LARGE` for a sum beyond 2^53 - 1, which JSON would not hold exactly */
export function moneyView(stored: StoredMoney): MoneyView {
  const amount = moneyFromBson(stored);
  if (amount.minor > Number.MAX_SAFE_INTEGER) {
    throw unprocessable(
      'AMOUNT_TOO_LARGE',
      'A sum in this answer is larger than a JSON number can hold exactly.',
    );
  }
  return moneyToJson(amount);
}

export function moneyToBson(amount: Money): StoredMoney {
  return { minor: Long.fromBigInt(amount.minor), currency: amount.currency };
}

export function moneyFromBson(stored: StoredMoney): Money {
  const minor = stored.minor instanceof Long ? stored.minor.toBigInt() : BigInt(stored.minor);
  return money(minor, stored.currency);
}
