import { z } from 'zod';
import { isCurrency } from '../money/currencies.js';
import { exactNumber } from '../money/exact-number.js';
import { exponentOf, type Money, parseMajor } from '../money/money.js';
import type { PaymentInfo, Transaction } from './transaction.js';
import { withRaw } from './with-raw.js';

const text = z.string();
const filled = z.string().min(1);
const optional = z.string().nullish();
/** Ids came as JSON numbers in captures and as quoted numbers in samples. */
const id = z
  .union([z.int(), z.string().regex(/^\d{1,15}$/)])
  .transform(Number)
  .nullish();
/** Strings in captures; numbers are given as their digits by the JSON reader, or arrive parsed in a notice. */
const amount = z.union([z.string(), exactNumber]).transform(String);

const paymentResult = z.looseObject({
  response_status: filled,
  response_code: z.union([z.string(), z.number()]).transform(String).nullish(),
  response_message: optional,
  transaction_time: optional,
});

export const paymentInfoSchema = z.looseObject({
  payment_method: optional,
  card_type: optional,
  card_scheme: optional,
  payment_description: optional,
  expiryMonth: z.number().nullish(),
  expiryYear: z.number().nullish(),
});

/** What replies, query rows and notices have in common. Unknown fields stay. */
export const completedSchema = z.looseObject({
  tran_ref: filled,
  previous_tran_ref: optional,
  tran_type: filled,
  original_tran_type: optional,
  cart_id: filled,
  cart_description: optional,
  cart_currency: filled,
  cart_amount: amount,
  tran_currency: optional,
  tran_total: amount,
  payment_result: paymentResult,
  payment_info: paymentInfoSchema.nullish(),
  profileId: id,
  profile_id: id,
  trace: optional,
});

export const redirectSchema = z.looseObject({
  tran_ref: filled,
  cart_id: filled,
  cart_currency: filled,
  cart_amount: amount,
  redirect_url: z.url({ protocol: /^https?$/ }),
  trace: optional,
});

export const errorSchema = z.looseObject({
  // Came as an integer in captures. Nothing else is made one: `true` or `[2]` is no code.
  code: z
    .union([z.int(), z.string().regex(/^\d{1,9}$/)])
    .transform(Number)
    .pipe(z.int().positive()),
  message: text.nullish(),
  trace: optional,
});

export type CompletedWire = z.output<typeof completedSchema>;

type Given<Fields> = { -readonly [Name in keyof Fields]?: Fields[Name] | null | undefined };

/** Puts in what has a value: neither null nor undefined nor empty. */
function putGiven<Target extends object>(target: Target, fields: Given<Target>): Target {
  for (const name of Object.keys(fields) as (keyof Target)[]) {
    const value = fields[name];
    if (value !== null && value !== undefined && value !== '') {
      target[name] = value as Target[keyof Target];
    }
  }
  return target;
}

/**
 * An amount of the gateway: any number of decimals, as long as those beyond the currency's are zero.
 * @throws PayTabsError INVALID_MONEY
 */
export function readAmount(digits: string, currency: string): Money {
  const code = currency.toUpperCase();
  if (!isCurrency(code)) return parseMajor(digits, currency as never);
  const keep = exponentOf(code);
  const point = digits.indexOf('.');
  const hasTooMany = point >= 0 && digits.length - point - 1 > keep;
  return parseMajor(hasTooMany ? withoutZeros(digits, keep) : digits, code);
}

const withoutZeros = (digits: string, keep: number): string =>
  digits.replace(/\.(\d*)$/, (_, fraction: string) => shorten(fraction, keep));

const shorten = (fraction: string, keep: number): string => {
  const [kept, rest] = [fraction.slice(0, keep), fraction.slice(keep)];
  if (!/^0*$/.test(rest)) return `.${fraction}`;
  return kept === '' ? '' : `.${kept}`;
};

const readTime = (value: string | null | undefined): Date | undefined => {
  const time = Date.parse(value ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
};

export const readPaymentInfo = (info: CompletedWire['payment_info']): PaymentInfo =>
  Object.freeze(
    putGiven<PaymentInfo>(
      {},
      {
        method: info?.payment_method,
        cardType: info?.card_type,
        cardScheme: info?.card_scheme,
        description: info?.payment_description,
        expiryMonth: info?.expiryMonth,
        expiryYear: info?.expiryYear,
      },
    ),
  );

/**
 * Turns a checked reply, row or notice into a transaction.
 * @throws PayTabsError INVALID_MONEY when an amount cannot be held exactly
 */
export function toTransaction(wire: CompletedWire, raw: Record<string, unknown>): Transaction {
  const result = wire.payment_result;
  const transaction: Omit<Transaction, 'raw'> = {
    tranRef: wire.tran_ref,
    type: wire.tran_type.trim().toLowerCase(),
    cartId: wire.cart_id,
    cartAmount: readAmount(wire.cart_amount, wire.cart_currency),
    total: readAmount(wire.tran_total, wire.tran_currency || wire.cart_currency),
    status: result.response_status,
    responseCode: result.response_code ?? '',
    responseMessage: result.response_message ?? '',
    paymentInfo: readPaymentInfo(wire.payment_info),
  };
  return withRaw(
    putGiven(transaction, {
      previousTranRef: wire.previous_tran_ref,
      originalType: wire.original_tran_type?.trim().toLowerCase(),
      description: wire.cart_description,
      time: readTime(result.transaction_time),
      profileId: wire.profileId ?? wire.profile_id,
      trace: wire.trace,
    }),
    raw,
  );
}
