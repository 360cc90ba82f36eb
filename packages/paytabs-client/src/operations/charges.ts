import { z } from 'zod';
import { readCharge } from '../client/answers.js';
import { defaultPageMinutes } from './hosted-page.js';
import { passesLuhn } from './luhn.js';
import { checkCurrency } from './money-fields.js';
import { pluginFields, pluginInfo } from './page-fields.js';
import { addresses, cart, customer, text, tranRef, userDefined } from './request-fields.js';
import { counter, saveCard, savingFields, token, tokenType } from './saved-card.js';
import { applePayToken, samsungPayToken, textsIn } from './wallet-token.js';
import { cartFields, customerFields } from './wire-fields.js';
import { defineWrite } from './write-spec.js';

/** What every charge may say besides what it charges. */
const common = {
  ...cart,
  ...addresses,
  pluginInfo: pluginInfo.optional(),
  customerRef: text(64).optional(),
  userDefined,
};

/** A form of the shop's: the gateway wants to know who pays. */
const form = {
  ...common,
  type: z.enum(['sale', 'auth', 'register']).default('sale'),
  customer,
  shipping: customer.optional(),
  saveCard: saveCard.optional(),
};

const saleOrHold = z.enum(['sale', 'auth']).default('sale');

interface Ends {
  readonly pluginInfo?: z.output<typeof pluginInfo> | undefined;
  readonly customerRef?: string | undefined;
  readonly userDefined?: Readonly<Record<string, string | undefined>> | undefined;
  readonly callbackUrl?: string | undefined;
  readonly returnUrl?: string | undefined;
}

const endFields = (charge: Ends) => ({
  plugin_info: pluginFields(charge.pluginInfo),
  customer_ref: charge.customerRef,
  user_defined: charge.userDefined,
  callback: charge.callbackUrl,
  return: charge.returnUrl,
});

type Bounded = {
  readonly amount: z.output<typeof cart.amount>;
  readonly saveCard?: z.output<typeof saveCard> | undefined;
};

const checkBounds = ({ amount, saveCard: save }: Bounded, context: z.RefinementCtx) =>
  checkCurrency(
    amount,
    [
      [['saveCard', 'use', 'minAmount'], save?.use?.minAmount],
      [['saveCard', 'use', 'maxAmount'], save?.use?.maxAmount],
    ],
    context,
  );

const card = z.strictObject({
  number: z
    .string()
    .regex(/^\d{13,19}$/, 'must be 13 to 19 digits')
    .refine(passesLuhn, 'is mistyped: its check digit is wrong'),
  cvv: z
    .string()
    .regex(/^\d{3,4}$/, 'must be 3 or 4 digits')
    .optional(),
  expiryMonth: z.int().min(1).max(12),
  expiryYear: z.int().min(2000).max(2099),
});

const cardFields = z.strictObject({
  ...form,
  /** `moto`: by mail or telephone, where the profile allows it; the security code may be left out. */
  class: z.enum(['ecom', 'moto']).default('ecom'),
  card,
});

const cardRequest = cardFields.superRefine(checkBounds).superRefine((charge, context) => {
  if (charge.class === 'moto' || charge.card.cvv !== undefined) return;
  const message = 'is needed where the shopper is there (class "ecom")';
  context.addIssue({ code: 'custom', path: ['card', 'cvv'], message });
});

/** Charges a card whose number the shop has seen. */
export const chargeCard = defineWrite({
  operation: 'chargeCard',
  request: cardRequest,
  type: ({ type }) => type,
  pageMinutes: () => defaultPageMinutes,
  secrets: ({ card: { number, cvv } }) => (cvv === undefined ? [number] : [number, cvv]),
  body: (charge) => ({
    tran_class: charge.class,
    ...cartFields(charge),
    ...savingFields(charge.saveCard),
    customer_details: customerFields(charge.customer),
    shipping_details: customerFields(charge.shipping),
    card_details: {
      pan: charge.card.number,
      cvv: charge.card.cvv,
      expiry_month: charge.card.expiryMonth,
      expiry_year: charge.card.expiryYear,
    },
    ...endFields(charge),
  }),
  read: readCharge,
});

const managedFormRequest = z
  .strictObject({ ...form, paymentToken: token })
  .superRefine(checkBounds);

/** Charges a card whose number went from the browser to the gateway. */
export const chargeManagedForm = defineWrite({
  operation: 'chargeManagedForm',
  request: managedFormRequest,
  type: ({ type }) => type,
  pageMinutes: () => defaultPageMinutes,
  secrets: ({ paymentToken }) => [paymentToken],
  body: (charge) => ({
    tran_class: 'ecom',
    ...cartFields(charge),
    payment_token: charge.paymentToken,
    ...savingFields(charge.saveCard),
    customer_details: customerFields(charge.customer),
    shipping_details: customerFields(charge.shipping),
    ...endFields(charge),
  }),
  read: readCharge,
});

const none = z.undefined().optional();

const tokenRequest = z.strictObject({
  ...common,
  type: saleOrHold,
  customer: customer.optional(),
  card: z.union([
    /** The transaction that the token came with. */
    z.strictObject({ token, tranRef, use: none, counter: none }),
    /** What the token was saved for; `counter` says which instalment this is. */
    z.strictObject({ token, tranRef: none, use: tokenType, counter: counter.optional() }),
  ]),
});

/** Charges a saved card without its owner. */
export const chargeToken = defineWrite({
  operation: 'chargeToken',
  request: tokenRequest,
  type: ({ type }) => type,
  // None is expected; should one come all the same, nobody is sent there and it lapses.
  pageMinutes: () => defaultPageMinutes,
  secrets: ({ card: saved }) => [saved.token],
  body: (charge) => ({
    tran_class: 'recurring',
    ...cartFields(charge),
    ...(charge.card.use === undefined
      ? { token: charge.card.token, tran_ref: charge.card.tranRef }
      : {
          token_info: {
            token: charge.card.token,
            token_type: charge.card.use,
            counter: charge.card.counter,
          },
        }),
    customer_details: customerFields(charge.customer),
    ...endFields(charge),
  }),
  read: readCharge,
});

const walletRequest = z.strictObject({
  ...common,
  type: saleOrHold,
  customer: customer.optional(),
  shipping: customer.optional(),
  wallet: z.union([
    z.strictObject({ applePay: applePayToken, samsungPay: none }),
    z.strictObject({ applePay: none, samsungPay: samsungPayToken }),
  ]),
});

/** Charges what a wallet has released. */
export const chargeWallet = defineWrite({
  operation: 'chargeWallet',
  request: walletRequest,
  type: ({ type }) => type,
  pageMinutes: () => defaultPageMinutes,
  secrets: ({ wallet }) => textsIn(wallet).filter(({ length }) => length >= 12),
  body: (charge) => ({
    tran_class: 'ecom',
    ...cartFields(charge),
    apple_pay_token: charge.wallet.applePay,
    samsung_pay_token: charge.wallet.samsungPay,
    customer_details: customerFields(charge.customer),
    shipping_details: customerFields(charge.shipping),
    ...endFields(charge),
  }),
  read: readCharge,
});

type CardFields = z.input<typeof cardFields>;
type Present = CardFields['card'] & { readonly cvv: string };

/**
 * A card whose number the shop has seen. The security code may be missing for `moto` alone. A card that wants
 * 3-D Secure is answered with a page.
 */
export type ChargeCardRequest = Omit<CardFields, 'class' | 'card'> &
  (
    | { readonly class?: 'ecom' | undefined; readonly card: Present }
    | { readonly class: 'moto'; readonly card: CardFields['card'] }
  );

/** `paymentToken` is what the gateway's form gave the browser; it can be used once, and soon. */
export type ChargeManagedFormRequest = z.input<typeof managedFormRequest>;

/** A saved card, by its token and the transaction it came with, or by what it was saved for. The shopper is not there. */
export type ChargeTokenRequest = z.input<typeof tokenRequest>;

/** What Apple Pay or Samsung Pay gave the browser or the app. */
export type ChargeWalletRequest = z.input<typeof walletRequest>;
