import { z } from 'zod';
import { amountsOfInvoice, invoice } from './invoice-fields.js';
import { checkCurrency, positiveMoney } from './money-fields.js';
import { addresses, cart, cartId, customer, text, userDefined } from './request-fields.js';

export const invoiceId = z.int().min(1);
export const invoiceRequest = z.strictObject({ invoiceId });

export const createInvoice = z
  .strictObject({
    ...cart,
    type: z.enum(['sale', 'auth']).default('sale'),
    invoice,
    customer: customer.optional(),
    shipping: customer.optional(),
    ...addresses,
    hideShipping: z.boolean().optional(),
    paymentMethods: z.array(text(32)).min(1).optional(),
    customerRef: text(64).optional(),
    userDefined,
  })
  .superRefine(({ amount, invoice: of }, context) =>
    checkCurrency(amount, amountsOfInvoice(of), context),
  );

export const sendInvoiceSms = z.strictObject({ invoiceId, phone: text(32) });

export const markInvoicePaid = z.strictObject({
  invoiceId,
  amount: positiveMoney,
  method: z.enum(['cash', 'cheque', 'banktransfer', 'pointofsale']),
  description: text(255),
});

/** A day, or a moment with its offset. */
const since = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const searchInvoices = z.strictObject({
  createdFrom: since.optional(),
  createdTo: since.optional(),
  cartId: cartId.optional(),
  customerRef: text(64).optional(),
});

/** Names an invoice. */
export type InvoiceRequest = z.input<typeof invoiceRequest>;

/** Asks for an invoice that a customer can pay. `cartId` must be new; `customer` is whom it is for. */
export type CreateInvoiceRequest = z.input<typeof createInvoice>;

/** Whom to send the link to. */
export type SendInvoiceSmsRequest = z.input<typeof sendInvoiceSms>;

/** How it was paid elsewhere. */
export type MarkInvoicePaidRequest = z.input<typeof markInvoicePaid>;

/** Which invoices; nothing: those of the last 45 days. */
export type SearchInvoicesRequest = z.input<typeof searchInvoices>;
