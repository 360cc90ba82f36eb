import { z } from 'zod';
import { readPage } from '../client/answers.js';
import { addresses, cart, customer, text, userDefined } from './request-fields.js';
import { cartFields, customerFields } from './wire-fields.js';
import { defineWrite } from './write-spec.js';

/** What the gateway gives a page without a time of its own. */
export const defaultPageMinutes = 20;

const request = z.strictObject({
  ...cart,
  type: z.enum(['sale', 'auth']).default('sale'),
  customer: customer.optional(),
  ...addresses,
  language: z.enum(['en', 'ar', 'tr']).optional(),
  ttlMinutes: z.int().min(1).max(525_600).optional(),
  hideShipping: z.boolean().optional(),
  paymentMethods: z.array(text(32)).min(1).optional(),
  customerRef: text(64).optional(),
  userDefined,
});

/** A page on which a shopper pays, or has an amount held. */
export const hostedPage = defineWrite({
  operation: 'createHostedPage',
  request,
  type: ({ type }) => type,
  pageMinutes: ({ ttlMinutes }) => ttlMinutes ?? defaultPageMinutes,
  body: (page) => ({
    tran_class: 'ecom',
    ...cartFields(page),
    paypage_lang: page.language,
    paypage_ttl: page.ttlMinutes,
    hide_shipping: page.hideShipping,
    payment_methods: page.paymentMethods,
    customer_ref: page.customerRef,
    customer_details: customerFields(page.customer),
    user_defined: page.userDefined,
    callback: page.callbackUrl,
    return: page.returnUrl,
  }),
  read: readPage,
});

/**
 * Asks for a page on which a customer pays (`type` `sale`, the default) or has an amount held (`auth`).
 * `cartId` must be new for every try: 1 to 64 printable characters without spaces. The callback URL must be public, without
 * a port; `ttlMinutes` defaults to 20 at the gateway.
 */
export type HostedPageRequest = z.input<typeof request>;
