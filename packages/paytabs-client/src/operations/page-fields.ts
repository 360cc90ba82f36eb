import { z } from 'zod';
import { jsonNumber } from '../gateway/json.js';
import { decimal, moreMoney, someMoney } from './money-fields.js';
import { text } from './request-fields.js';

/** The beginnings of card numbers, four to ten digits each. */
const prefixes = z.array(z.string().regex(/^\d{4,10}$/, 'must be four to ten digits')).min(1);

const listed = (each: readonly string[] | undefined) => each?.join(',');

/** Which cards are taken, by the beginning of their numbers. */
export const cardFilter = z
  .strictObject({ prefixes, title: text(255).optional() })
  .refine(
    (filter) => filter.prefixes.join(',').length <= 255,
    'has too many prefixes (255 characters)',
  );

export const cardFilterFields = (filter: z.output<typeof cardFilter> | undefined) =>
  filter === undefined
    ? {}
    : { card_filter: listed(filter.prefixes), card_filter_title: filter.title };

const discountOf = { prefixes, title: text(128) };

/** A lower price for some cards: `tran_total` is then below the amount. */
export const cardDiscount = z.union([
  z.strictObject({ ...discountOf, amount: moreMoney, percent: z.undefined().optional() }),
  z.strictObject({
    ...discountOf,
    amount: z.undefined().optional(),
    /** A whole number up to 100, or a decimal as text. */
    percent: z.union([
      z.int().min(1).max(100).transform(String),
      z
        .string()
        .regex(/^(0|[1-9]\d?)(\.\d{1,4})?$/, 'must be percent such as 5 or "2.5"')
        .refine((digits) => /[1-9]/.test(digits), 'must be above zero'),
    ]),
  }),
]);

export const cardDiscountFields = (discount: z.output<typeof cardDiscount>) => ({
  discount_cards: listed(discount.prefixes),
  ...(discount.amount !== undefined
    ? { discount_amount: decimal(discount.amount) }
    : { discount_percent: jsonNumber(discount.percent) }),
  discount_title: discount.title,
});

/** Shows the page within a page of the shop. */
export const frame = z.strictObject({
  /** Which window the return goes to; default: the frame itself. */
  returnTo: z.enum(['frame', 'parent', 'top']).optional(),
  /** Shows all of the page, not the form alone. */
  fullUi: z.boolean().optional(),
  /** The origin that messages of the frame are posted to: `https://shop.example.com`. */
  messageTarget: z
    .string()
    .max(255)
    .refine(
      (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
      'must be an origin',
    )
    .optional(),
});

export const frameFields = (from: z.output<typeof frame> | undefined) =>
  from === undefined
    ? {}
    : {
        framed: true,
        framed_return_parent: from.returnTo === 'parent' ? true : undefined,
        framed_return_top: from.returnTo === 'top' ? true : undefined,
        force_full_ui: from.fullUi,
        framed_message_target: from.messageTarget,
      };

/** The shopper chooses the amount; the page begins with the amount of the request. */
export const donation = z.strictObject({ min: moreMoney, max: moreMoney });

export const donationFields = (from: z.output<typeof donation> | undefined) =>
  from === undefined
    ? {}
    : { donation_mode: true, cart_min: decimal(from.min), cart_max: decimal(from.max) };

/** `05-11-2026` in place of `2026-11-05`. */
const day = z.iso.date().transform((date) => date.split('-').reverse().join('-'));

/**
 * Instalments that the gateway takes by itself. Known from the code of other integrators alone: what the numbers of
 * `repeatPeriod` mean is not published.
 */
export const agreement = z.strictObject({
  description: text(255),
  initialAmount: someMoney,
  repeatAmount: moreMoney,
  finalAmount: someMoney,
  /** How many; 0: no end. */
  repeatTerms: z.int().min(0).max(9999),
  repeatPeriod: z.int().min(0).max(99),
  repeatEvery: z.int().min(1).max(9999),
  /** `2026-11-05`. */
  firstInstallmentDate: day,
});

export const agreementFields = (from: z.output<typeof agreement> | undefined) =>
  from && {
    agreement_description: from.description,
    agreement_currency: from.repeatAmount.currency,
    initial_amount: decimal(from.initialAmount),
    repeat_amount: decimal(from.repeatAmount),
    final_amount: decimal(from.finalAmount),
    repeat_terms: from.repeatTerms,
    repeat_period: from.repeatPeriod,
    repeat_every: from.repeatEvery,
    first_installment_due_date: from.firstInstallmentDate,
  };

/** Who calls: name and version of the shop's software, and of what connects it. */
export const pluginInfo = z.strictObject({
  name: text(64),
  version: text(32).optional(),
  pluginVersion: text(32).optional(),
});

export const pluginFields = (from: z.output<typeof pluginInfo> | undefined) =>
  from && { cart_name: from.name, cart_version: from.version, plugin_version: from.pluginVersion };
