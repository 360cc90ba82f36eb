import type { Invoice } from '../books/invoices.js';
import type { Gateway } from '../gateway.js';
import type { SimulatorProfile } from '../options.js';
import { refuseRequest } from './gateway-error.js';
import type { Body } from './payment-fields.js';

/** What of an `invoice` object matters here. */
export type InvoiceFields = Pick<Invoice, 'dueAt' | 'expiresAt'>;

/** Reads the `invoice` object; undefined when there is none. @throws GatewayRefusal */
export function readInvoice(value: unknown, now: number): InvoiceFields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) {
    return refuseRequest(2, 'Invalid request: invoice');
  }
  const { due_date: due, expiry_date: expiry, line_items: lines } = value as Body;
  if (lines !== undefined && !Array.isArray(lines)) {
    return refuseRequest(2, 'Invalid request: invoice.line_items');
  }
  const dueAt = readTime(due, 'due_date');
  const expiresAt = readTime(expiry, 'expiry_date');
  if (expiresAt !== undefined && expiresAt <= now) {
    return refuseRequest(2, 'Invoice expiry date has passed');
  }
  return {
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function readTime(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? refuseRequest(2, `Invalid request: invoice.${field}`) : time;
}

export const openInvoice = (
  {
    profile,
    order,
    invoice,
  }: { profile: SimulatorProfile; order: Invoice['order']; invoice: InvoiceFields },
  { invoices, clock }: Gateway,
): Invoice =>
  invoices.open({
    ...invoice,
    profileId: profile.profileId,
    createdAt: clock.wallTime(),
    order,
  });
