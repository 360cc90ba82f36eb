import { z } from 'zod';
import { readPage } from '../client/answers.js';
import { compareMoney } from '../money/money.js';
import { amountsOfInvoice, invoice, invoiceFields } from './invoice-fields.js';
import { checkCurrency } from './money-fields.js';
import {
  agreement,
  agreementFields,
  cardDiscount,
  cardDiscountFields,
  cardFilter,
  cardFilterFields,
  donation,
  donationFields,
  frame,
  frameFields,
  pluginFields,
  pluginInfo,
} from './page-fields.js';
import { addresses, cart, currencyCode, customer, text, userDefined } from './request-fields.js';
import { saveCard, savedCard, savingFields } from './saved-card.js';
import { cartFields, customerFields } from './wire-fields.js';
import { defineWrite } from './write-spec.js';

/** What the gateway gives a page without a time of its own. */
export const defaultPageMinutes = 20;

const fields = z.strictObject({
  ...cart,
  type: z.enum(['sale', 'auth', 'register']).default('sale'),
  customer: customer.optional(),
  shipping: customer.optional(),
  ...addresses,
  returnUsingGet: z.boolean().optional(),
  language: z.enum(['en', 'ar', 'tr']).optional(),
  ttlMinutes: z.int().min(1).max(525_600).optional(),
  configId: z.int().min(1).optional(),
  hideShipping: z.boolean().optional(),
  paymentMethods: z.array(text(32)).min(1).optional(),
  altCurrency: currencyCode.optional(),
  cardFilter: cardFilter.optional(),
  cardDiscounts: z.array(cardDiscount).min(1).max(100).optional(),
  donation: donation.optional(),
  saveCard: saveCard.optional(),
  savedCard: savedCard.optional(),
  frame: frame.optional(),
  invoice: invoice.optional(),
  agreement: agreement.optional(),
  airlineData: z.strictObject({ pnrCode: text(64) }).optional(),
  pluginInfo: pluginInfo.optional(),
  customerRef: text(64).optional(),
  userDefined,
});

type Checked = z.output<typeof fields>;

/** What cannot be together, for callers whom no compiler has told. */
function checkTogether(page: Checked, context: z.RefinementCtx): void {
  const refuse = (name: keyof Checked, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  if (page.savedCard !== undefined && page.saveCard !== undefined) {
    refuse('savedCard', 'is saved already: give it or saveCard, not both');
  }
  if (page.savedCard !== undefined && page.type === 'register') {
    refuse('savedCard', 'is registered already');
  }
  if (page.returnUsingGet && page.returnUrl === undefined) {
    refuse('returnUsingGet', 'needs a returnUrl');
  }
  if (page.donation === undefined) return;
  if (page.type !== 'sale') refuse('donation', 'is possible for a sale only');
  if (page.cardDiscounts !== undefined) refuse('donation', 'has no fixed price to lower');
}

/** Amounts that the request names beside its own. */
function checkAmounts(page: Checked, context: z.RefinementCtx): void {
  const { amount, agreement: plan, donation: range } = page;
  checkCurrency(
    amount,
    [
      [['donation', 'min'], range?.min],
      [['donation', 'max'], range?.max],
      [['agreement', 'initialAmount'], plan?.initialAmount],
      [['agreement', 'repeatAmount'], plan?.repeatAmount],
      [['agreement', 'finalAmount'], plan?.finalAmount],
      [['saveCard', 'use', 'minAmount'], page.saveCard?.use?.minAmount],
      [['saveCard', 'use', 'maxAmount'], page.saveCard?.use?.maxAmount],
      ...(page.cardDiscounts ?? []).map(
        (discount, index) => [['cardDiscounts', index, 'amount'], discount.amount] as const,
      ),
      ...amountsOfInvoice(page.invoice),
    ],
    context,
  );
  if (range === undefined || context.issues.length > 0) return;
  if (compareMoney(range.min, amount) > 0 || compareMoney(amount, range.max) > 0) {
    const message = 'must have the amount of the request between min and max';
    context.addIssue({ code: 'custom', path: ['donation'], message });
  }
}

const request = fields.superRefine(checkTogether).superRefine(checkAmounts);

/** A page on which a shopper pays, has an amount held, or has a card verified. */
export const hostedPage = defineWrite({
  operation: 'createHostedPage',
  request,
  type: ({ type }) => type,
  range: (page) => page.donation,
  pageMinutes: ({ ttlMinutes }) => ttlMinutes ?? defaultPageMinutes,
  secrets: ({ savedCard: saved }) => (saved === undefined ? [] : [saved.token]),
  body: (page) => ({
    tran_class: 'ecom',
    ...cartFields(page),
    ...donationFields(page.donation),
    alt_currency: page.altCurrency,
    paypage_lang: page.language,
    paypage_ttl: page.ttlMinutes,
    config_id: page.configId,
    hide_shipping: page.hideShipping,
    ...frameFields(page.frame),
    payment_methods: page.paymentMethods,
    ...cardFilterFields(page.cardFilter),
    card_discounts: page.cardDiscounts?.map(cardDiscountFields),
    ...savingFields(page.saveCard),
    token: page.savedCard?.token,
    tran_ref: page.savedCard?.tranRef,
    invoice: invoiceFields(page.invoice),
    agreement: agreementFields(page.agreement),
    airline_data: page.airlineData && { pnr_code: page.airlineData.pnrCode },
    plugin_info: pluginFields(page.pluginInfo),
    customer_ref: page.customerRef,
    customer_details: customerFields(page.customer),
    shipping_details: customerFields(page.shipping),
    user_defined: page.userDefined,
    callback: page.callbackUrl,
    return: page.returnUrl,
    return_using_get: page.returnUsingGet,
  }),
  read: readPage,
});

type Fields = z.input<typeof fields>;

type Always = Omit<
  Fields,
  'type' | 'donation' | 'cardDiscounts' | 'saveCard' | 'savedCard' | 'returnUrl' | 'returnUsingGet'
>;

/** A card is saved, or it was saved before: then the shopper is asked for its security code alone. */
type Card =
  | { readonly saveCard?: Fields['saveCard']; readonly savedCard?: undefined }
  | { readonly saveCard?: undefined; readonly savedCard: NonNullable<Fields['savedCard']> };

type Price =
  | { readonly donation?: undefined; readonly cardDiscounts?: Fields['cardDiscounts'] }
  | { readonly donation: NonNullable<Fields['donation']>; readonly cardDiscounts?: undefined };

type Purpose =
  | ({ readonly type?: 'sale' | undefined } & Price & Card)
  | ({
      readonly type: 'auth';
      readonly donation?: undefined;
      readonly cardDiscounts?: Fields['cardDiscounts'];
    } & Card)
  | {
      readonly type: 'register';
      readonly donation?: undefined;
      readonly cardDiscounts?: undefined;
      readonly saveCard?: Fields['saveCard'];
      readonly savedCard?: undefined;
    };

type Return =
  | { readonly returnUrl?: string | undefined; readonly returnUsingGet?: false | undefined }
  | { readonly returnUrl: string; readonly returnUsingGet?: boolean | undefined };

/**
 * Asks for a page on which a customer pays (`type` `sale`, the default), has an amount held (`auth`), or has a card
 * verified (`register`: no payment). `cartId` must be new for every try: 1 to 64 printable characters without spaces.
 * The callback URL must be public, without a port; `ttlMinutes` defaults to 20 at the gateway.
 */
export type HostedPageRequest = Always & Purpose & Return;
