import { z } from 'zod';
import { compareMoney } from '../money/money.js';
import { looseFields } from './loose-fields.js';
import { checkCurrency, decimal, positiveMoney } from './money-fields.js';
import {
  cardDiscount,
  cardDiscountFields,
  cardFilter,
  cardFilterFields,
  donation,
  donationFields,
} from './page-fields.js';
import { addresses, text } from './request-fields.js';

export const linkId = z.union([
  z.int().min(1).transform(String),
  z.string().regex(/^[\w-]{1,128}$/, 'must be letters, digits, _ and -'),
]);

const content = {
  title: text(128),
  amount: positiveMoney,
  ...addresses,
  language: z.enum(['en', 'ar', 'tr']).optional(),
  hideShipping: z.boolean().optional(),
  paymentMethods: z.array(text(32)).min(1).optional(),
  cardFilter: cardFilter.optional(),
  cardDiscounts: z.array(cardDiscount).min(1).max(100).optional(),
  donation: donation.optional(),
  fields: looseFields,
};

type Content = z.output<z.ZodObject<typeof content>>;

function checkContent(
  {
    amount,
    donation: range,
    cardDiscounts,
  }: Pick<Content, 'amount' | 'donation' | 'cardDiscounts'>,
  context: z.RefinementCtx,
): void {
  checkCurrency(
    amount,
    [
      [['donation', 'min'], range?.min],
      [['donation', 'max'], range?.max],
      ...(cardDiscounts ?? []).map(
        (discount, index) => [['cardDiscounts', index, 'amount'], discount.amount] as const,
      ),
    ],
    context,
  );
  if (range === undefined || context.issues.length > 0) return;
  if (compareMoney(range.min, amount) <= 0 && compareMoney(amount, range.max) <= 0) return;
  const message = 'must have the amount of the link between min and max';
  context.addIssue({ code: 'custom', path: ['donation'], message });
}

export const createLink = z.strictObject(content).superRefine(checkContent);
export const updateLink = z.strictObject({ ...content, linkId }).superRefine(checkContent);
export const viewLink = z.strictObject({ linkId });

export const linkFields = (link: Content) => ({
  ...link.fields,
  link_title: link.title,
  cart_currency: link.amount.currency,
  cart_amount: decimal(link.amount),
  ...donationFields(link.donation),
  paypage_lang: link.language,
  hide_shipping: link.hideShipping,
  payment_methods: link.paymentMethods,
  ...cardFilterFields(link.cardFilter),
  card_discounts: link.cardDiscounts?.map(cardDiscountFields),
  callback: link.callbackUrl,
  return: link.returnUrl,
});

/** A link that can be paid by again and again. What else the gateway takes goes into `fields`. */
export type CreateLinkRequest = z.input<typeof createLink>;

/** The same link, with other contents. */
export type UpdateLinkRequest = z.input<typeof updateLink>;

/** Names a link. */
export type ViewLinkRequest = z.input<typeof viewLink>;
