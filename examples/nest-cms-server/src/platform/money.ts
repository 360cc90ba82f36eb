import {
  type Currency,
  isCurrency,
  type Money,
  money,
  moneyFromJson,
} from '@nestcms/paytabs-client';
import { Long } from 'mongodb';
import { z } from 'zod';

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

/** Money in a request, nothing included. Becomes `Money`. */
export const moneySchema = moneyViewSchema.transform((wire): Money => moneyFromJson(wire));

/** Money in a request that must be more than nothing. Becomes `Money`. */
export const positiveMoneySchema = wireSchema
  .extend({ minor: z.int().positive() })
  .meta({ id: 'PositiveMoney', example: { minor: 14950, currency: 'AED' } })
  .transform((wire): Money => moneyFromJson(wire));

export function moneyToBson(amount: Money): StoredMoney {
  return { minor: Long.fromBigInt(amount.minor), currency: amount.currency };
}

export function moneyFromBson(stored: StoredMoney): Money {
  const minor = stored.minor instanceof Long ? stored.minor.toBigInt() : BigInt(stored.minor);
  return money(minor, stored.currency);
}
