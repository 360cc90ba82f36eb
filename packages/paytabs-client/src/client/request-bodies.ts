import type { z } from 'zod';
import { jsonNumber } from '../gateway/json.js';
import type { hostedPageRequest, refundRequest } from '../gateway/requests.js';
import { formatMajor, type Money } from '../money/money.js';

const cart = (request: { cartId: string; description: string; amount: Money }) => ({
  cart_id: request.cartId,
  cart_currency: request.amount.currency,
  // Digits, never a float.
  cart_amount: jsonNumber(formatMajor(request.amount)),
  cart_description: request.description,
});

/** Body of a page request; names without a value are left out, as the gateway's own clients do. */
export function hostedPageBody(
  profileId: number,
  request: z.output<typeof hostedPageRequest>,
): string {
  const { customer } = request;
  return JSON.stringify({
    profile_id: profileId,
    tran_type: request.type,
    tran_class: 'ecom',
    ...cart(request),
    paypage_lang: request.language,
    paypage_ttl: request.ttlMinutes,
    hide_shipping: request.hideShipping,
    payment_methods: request.paymentMethods,
    customer_ref: request.customerRef,
    customer_details: customer && {
      name: customer.name,
      email: customer.email,
      phone: customer.phone,
      street1: customer.street,
      city: customer.city,
      state: customer.state,
      country: customer.country,
      zip: customer.zip,
      ip: customer.ip,
    },
    user_defined: request.userDefined,
    callback: request.callbackUrl,
    return: request.returnUrl,
  });
}

export function refundBody(profileId: number, request: z.output<typeof refundRequest>): string {
  return JSON.stringify({
    profile_id: profileId,
    tran_type: 'refund',
    tran_class: 'ecom',
    tran_ref: request.tranRef,
    ...cart(request),
    callback: request.callbackUrl,
  });
}
