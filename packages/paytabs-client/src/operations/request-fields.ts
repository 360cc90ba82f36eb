import { z } from 'zod';
import { PayTabsError } from '../errors.js';
import { type Currency, isCurrency } from '../money/currencies.js';
import { largestMinor } from '../money/largest-minor.js';
import { formatMajor, type Money, money } from '../money/money.js';
import { isWebUrl } from './is-web-url.js';
import { positiveMoney } from './money-fields.js';

/** Letters that no signature encoder disagrees about; the gateway itself takes up to 64 characters. */
export const cartId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** @throws PayTabsError INVALID_MONEY for an amount beyond what the gateway can hold */
export function refuseTooLarge({ minor, currency }: Money): void {
  if (minor <= largestMinor(currency)) return;
  const largest = formatMajor(money(largestMinor(currency), currency));
  throw new PayTabsError('INVALID_MONEY', `amount: must be at most ${largest} ${currency}`);
}

export const webUrl = z.string().max(255).refine(isWebUrl, 'must be an http(s) URL');

export const text = (max: number) => z.string().min(1).max(max);
export const tranRef = text(64);

export const customer = z.strictObject({
  name: text(128).optional(),
  // As browsers check it: legal letters such as ~ must not be refused here.
  email: z.email({ pattern: z.regexes.html5Email }).max(128).optional(),
  phone: text(32).optional(),
  street: text(128).optional(),
  city: text(64).optional(),
  state: text(64).optional(),
  /** ISO 3166 alpha-2 (or alpha-3). */
  country: z
    .string()
    .regex(/^[A-Z]{2,3}$/, 'must be an ISO 3166 country code in capitals')
    .optional(),
  zip: text(16).optional(),
  ip: text(45).optional(),
});

/** What every request that names an amount has. */
export const cart = { cartId, amount: positiveMoney, description: text(128) };

/** Where the gateway tells what becomes of it. */
export const addresses = { callbackUrl: webUrl.optional(), returnUrl: webUrl.optional() };

/** `udf1` to `udf9`, given back in notifications. */
export const userDefined = z
  .partialRecord(
    z.enum(['udf1', 'udf2', 'udf3', 'udf4', 'udf5', 'udf6', 'udf7', 'udf8', 'udf9']),
    text(255),
  )
  .optional();

export const currencyCode = z.custom<Currency>(isCurrency, 'must be an ISO 4217 currency code');

/** Who pays. */
export type Customer = z.input<typeof customer>;
