import type { Money } from '../../../money/money.js';
import type { Template } from '../payments/open-page.js';
import type { Terms } from '../payments/terms.js';
import type { References } from '../references.js';
import type { Ledger, LedgerEntry } from './ledger.js';

/** A bill with an address of its own; every visit to it is a new try to pay. */
export interface Invoice {
  readonly id: number;
  readonly profileId: number;
  /** The last part of its address. */
  readonly secret: string;
  readonly createdAt: number;
  readonly order: { readonly template: Template; readonly terms: Terms; readonly ttlMs: number };
  readonly dueAt?: number;
  readonly expiresAt?: number;
  cancelled: boolean;
  /** The transaction that paid it. */
  tranRef?: string;
}

export type InvoiceStatus = 'pending' | 'paid' | 'cancelled' | 'expired' | 'overdue' | 'refunded';

/** All invoices. */
export class Invoices {
  readonly #references: References;
  readonly #invoices = new Map<number, Invoice>();

  constructor(references: References) {
    this.#references = references;
  }

  open(invoice: Omit<Invoice, 'id' | 'secret' | 'cancelled' | 'tranRef'>): Invoice {
    const id = this.#references.number();
    const order = { ...invoice.order, template: { ...invoice.order.template, invoiceId: id } };
    const secret = this.#references.pageId().slice(0, 32);
    const opened = { ...invoice, order, id, secret, cancelled: false };
    this.#invoices.set(id, opened);
    return opened;
  }

  find(profileId: number, id: number): Invoice | undefined {
    const invoice = this.#invoices.get(id);
    return invoice?.profileId === profileId ? invoice : undefined;
  }

  /** By its address. */
  visit(id: number, secret: string): Invoice | undefined {
    const invoice = this.#invoices.get(id);
    return invoice?.secret === secret ? invoice : undefined;
  }

  listOf(profileId: number): Invoice[] {
    return [...this.#invoices.values()].filter((invoice) => invoice.profileId === profileId);
  }

  /** A transaction of it has come to something. */
  seen({ invoiceId = 0, tranRef, type, status }: LedgerEntry): void {
    const invoice = this.#invoices.get(invoiceId);
    if (invoice !== undefined && status === 'A' && (type === 'Sale' || type === 'Auth')) {
      invoice.tranRef = tranRef;
    }
  }
}

/** How an invoice stands. It stays `paid` when its payment was voided: the transaction's status tells. */
export function invoiceStatus(
  invoice: Invoice,
  { ledger, now }: { ledger: Ledger; now: number },
): { status: InvoiceStatus; payment?: LedgerEntry } {
  const payment = ledger.get(invoice.tranRef ?? '');
  if (payment !== undefined) {
    const isRefunded = payment.type === 'Sale' && ledger.rest(payment).minor === 0n;
    return { status: isRefunded ? 'refunded' : 'paid', payment };
  }
  if (invoice.cancelled) return { status: 'cancelled' };
  if (invoice.expiresAt !== undefined && invoice.expiresAt <= now) return { status: 'expired' };
  if (invoice.dueAt !== undefined && invoice.dueAt <= now) return { status: 'overdue' };
  return { status: 'pending' };
}

/** What it asks for. */
export const invoiceTotal = ({ order }: Invoice): Money => order.template.total;
