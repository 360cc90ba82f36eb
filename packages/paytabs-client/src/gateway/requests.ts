import { z } from 'zod';
import { PayTabsError } from '../errors.js';
import { isCurrency } from '../money/currencies.js';
import { largestMinor } from '../money/largest-minor.js';
import { formatMajor, type Money, money } from '../money/money.js';

/** Letters that no signature encoder disagrees about; the gateway itself takes up to 64 characters. */
const cartId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** Copied, for the caller may change his object while the request is under way. */
const positiveMoney = z
  .custom<Money>(
    (value) => {
      const { minor, currency } = (value ?? {}) as Partial<Money>;
      return typeof minor === 'bigint' && minor > 0n && isCurrency(currency);
    },
    { message: 'must be Money above zero: { minor: bigint, currency }' },
  )
  .transform(({ minor, currency }) => money(minor, currency));

/** @throws PayTabsError INVALID_MONEY for an amount beyond what the gateway can hold */
export function refuseTooLarge({ minor, currency }: Money): void {
  if (minor <= largestMinor(currency)) return;
  const largest = formatMajor(money(largestMinor(currency), currency));
  throw new PayTabsError('INVALID_MONEY', `amount: must be at most ${largest} ${currency}`);
}

const webUrl = z
  .string()
  .max(255)
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'must be an http(s) URL');

const text = (max: number) => z.string().min(1).max(max);
const tranRef = text(64);

const customer = z.strictObject({
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

export const hostedPageRequest = z.strictObject({
  cartId,
  amount: positiveMoney,
  description: text(128),
  type: z.enum(['sale', 'auth']).default('sale'),
  customer: customer.optional(),
  callbackUrl: webUrl.optional(),
  returnUrl: webUrl.optional(),
  language: z.enum(['en', 'ar', 'tr']).optional(),
  ttlMinutes: z.int().min(1).max(525_600).optional(),
  hideShipping: z.boolean().optional(),
  paymentMethods: z.array(text(32)).min(1).optional(),
  customerRef: text(64).optional(),
  /** `udf1` to `udf9`, given back in notifications. */
  userDefined: z
    .partialRecord(
      z.enum(['udf1', 'udf2', 'udf3', 'udf4', 'udf5', 'udf6', 'udf7', 'udf8', 'udf9']),
      text(255),
    )
    .optional(),
});

export const refundRequest = z.strictObject({
  tranRef,
  cartId,
  amount: positiveMoney,
  description: text(128),
  callbackUrl: webUrl.optional(),
});

export const queryRequest = z.strictObject({ tranRef });
export const queryByCartRequest = z.strictObject({ cartId: z.string().min(1).max(64) });

/** Who pays. */
export type Customer = z.input<typeof customer>;

/**
 * Asks for a page on which a customer pays (`type` `sale`, the default) or has an amount held (`auth`).
 * `cartId` must be new for every try: 1 to 64 printable characters without spaces. The callback URL must be public, without
 * a port; `ttlMinutes` defaults to 20 at the gateway.
 */
export type HostedPageRequest = z.input<typeof hostedPageRequest>;

/** Gives money back. `tranRef` is the sale's or capture's; `cartId` must be new, or a lost answer cannot be found again. */
export type RefundRequest = z.input<typeof refundRequest>;

/** Asks for one transaction. */
export type QueryRequest = z.input<typeof queryRequest>;

/** Asks for all tries under one reference. */
export type QueryByCartRequest = z.input<typeof queryByCartRequest>;
