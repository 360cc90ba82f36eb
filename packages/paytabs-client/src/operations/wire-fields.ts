import type { Money } from '../money/money.js';
import { decimal } from './money-fields.js';
import type { Customer } from './request-fields.js';

/** The fields that every request with an amount sends. */
export const cartFields = (request: {
  readonly cartId: string;
  readonly description: string;
  readonly amount: Money;
}) => ({
  cart_id: request.cartId,
  cart_currency: request.amount.currency,
  cart_amount: decimal(request.amount),
  cart_description: request.description,
});

/** Names without a value are left out, as the gateway's own clients do. */
export const customerFields = (customer: Customer | undefined) =>
  customer && {
    name: customer.name,
    email: customer.email,
    phone: customer.phone,
    street1: customer.street,
    city: customer.city,
    state: customer.state,
    country: customer.country,
    zip: customer.zip,
    ip: customer.ip,
  };
