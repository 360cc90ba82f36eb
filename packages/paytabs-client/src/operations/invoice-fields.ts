import { z } from 'zod';
import { jsonNumber } from '../gateway/json.js';
import type { Money } from '../money/money.js';
import { decimal, someMoney } from './money-fields.js';
import { text, webUrl } from './request-fields.js';

/** A number that is no amount, as text, so that its digits are the ones that are sent. */
const digits = (what: string) =>
  z.union([
    z.int().min(0).max(1_000_000_000).transform(String),
    z.string().regex(/^(0|[1-9]\d{0,9})(\.\d{1,6})?$/, `must be ${what}`),
  ]);

const lineItem = z.strictObject({
  sku: text(64).optional(),
  description: text(255).optional(),
  url: webUrl.optional(),
  unitCost: someMoney,
  /** A whole number, or a decimal as text: `'1.5'`. */
  quantity: digits('a number such as 2 or "1.5"'),
  netTotal: someMoney.optional(),
  /** Percent, a whole number or a decimal as text. */
  discountRate: digits('percent such as 5 or "2.5"').optional(),
  discountAmount: someMoney.optional(),
  /** Percent, a whole number or a decimal as text. */
  taxRate: digits('percent such as 5 or "2.5"').optional(),
  taxTotal: someMoney.optional(),
  total: someMoney.optional(),
});

/** With its offset, as the gateway wants it. */
const moment = z.iso.datetime({ offset: true });

export const invoice = z.strictObject({
  language: z.enum(['en', 'ar']).optional(),
  shippingCharges: someMoney.optional(),
  extraCharges: someMoney.optional(),
  extraDiscount: someMoney.optional(),
  total: someMoney.optional(),
  /** ISO 8601 with an offset: `2026-09-21T13:33:00+04:00`. */
  activationDate: moment.optional(),
  dueDate: moment.optional(),
  expiryDate: moment.optional(),
  disableEdit: z.boolean().optional(),
  /** The names of these two were not seen on the wire. */
  notifications: z
    .strictObject({
      emails: z.array(z.email().max(128)).optional(),
      phoneNumbers: z.array(text(32)).optional(),
    })
    .optional(),
  lineItems: z.array(lineItem).min(1).max(500),
});

type Checked = z.output<typeof invoice>;

const lineFields = (line: Checked['lineItems'][number]) => ({
  sku: line.sku,
  description: line.description,
  url: line.url,
  unit_cost: decimal(line.unitCost),
  quantity: jsonNumber(line.quantity),
  net_total: decimal(line.netTotal),
  discount_rate: line.discountRate === undefined ? undefined : jsonNumber(line.discountRate),
  discount_amount: decimal(line.discountAmount),
  tax_rate: line.taxRate === undefined ? undefined : jsonNumber(line.taxRate),
  tax_total: decimal(line.taxTotal),
  total: decimal(line.total),
});

export const invoiceFields = (from: Checked | undefined) =>
  from && {
    lang: from.language,
    shipping_charges: decimal(from.shippingCharges),
    extra_charges: decimal(from.extraCharges),
    extra_discount: decimal(from.extraDiscount),
    total: decimal(from.total),
    activation_date: from.activationDate,
    due_date: from.dueDate,
    expiry_date: from.expiryDate,
    disable_edit: from.disableEdit,
    notifications: from.notifications && {
      emails: from.notifications.emails,
      phone_numbers: from.notifications.phoneNumbers,
    },
    line_items: from.lineItems.map(lineFields),
  };

/** Every amount of an invoice, with its path. */
export const amountsOfInvoice = (
  from: Checked | undefined,
): (readonly [readonly PropertyKey[], Money | undefined])[] =>
  from === undefined
    ? []
    : [
        [['invoice', 'shippingCharges'], from.shippingCharges],
        [['invoice', 'extraCharges'], from.extraCharges],
        [['invoice', 'extraDiscount'], from.extraDiscount],
        [['invoice', 'total'], from.total],
        ...from.lineItems.flatMap((line, index) =>
          (['unitCost', 'netTotal', 'discountAmount', 'taxTotal', 'total'] as const).map(
            (name) => [['invoice', 'lineItems', index, name], line[name]] as const,
          ),
        ),
      ];

/** What an invoice lists. */
export type InvoiceDetails = z.input<typeof invoice>;
