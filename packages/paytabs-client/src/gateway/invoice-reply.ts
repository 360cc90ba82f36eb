import { z } from 'zod';
import { fit, traced, traceOf, wireId } from './acknowledgement.js';
import { readerOf, Unreadable } from './reply.js';
import { readAmount } from './wire.js';
import { type Raw, withRaw } from './with-raw.js';

const text = z.string().nullish();

/** An invoice that was created. */
export interface CreatedInvoice {
  readonly invoiceId: number;
  /** Where it is paid. Opaque: the host may be any. */
  readonly link: string;
  readonly trace?: string;
  readonly raw: Raw;
}

const created = z.looseObject({
  invoice_id: wireId,
  invoice_link: z.url({ protocol: /^https?$/ }),
  ...traced,
});

export const createdInvoiceReader = readerOf<CreatedInvoice>((body) => {
  const read = fit(created, body);
  const { invoice_id: invoiceId, invoice_link: link } = read;
  return withRaw({ invoiceId, link, ...traceOf(read) }, body);
});

/** What an invoice amounts to. */
export type InvoiceStanding =
  | 'pending'
  | 'paid'
  | 'voided'
  | 'cancelled'
  | 'expired'
  | 'overdue'
  | 'refunded'
  | 'failed'
  /** A state or a letter that this version does not know, or `paid` without a transaction that says so. */
  | 'unknown';

/** How an invoice stands. */
export interface InvoiceStatus {
  /** What it amounts to: state and transaction together, for a voided invoice still has the state `paid`. */
  readonly kind: InvoiceStanding;
  /** The gateway's own word, as it came. */
  readonly state: string;
  readonly tranRef?: string;
  /** Letter of that transaction. */
  readonly tranStatus?: string;
  readonly tranMessage?: string;
  readonly trace?: string;
  readonly raw: Raw;
}

const status = z.looseObject({
  invoice_status: z.string().min(1),
  tran_ref: text,
  tran_status: text,
  tran_status_msg: text,
  ...traced,
});

const told: ReadonlySet<string> = new Set([
  'pending',
  'cancelled',
  'expired',
  'overdue',
  'refunded',
  'failed',
] satisfies InvoiceStanding[]);

function standingOf(state: string, letter: string | null | undefined): InvoiceStanding {
  const word = state.trim().toLowerCase();
  if (word !== 'paid') return told.has(word) ? (word as InvoiceStanding) : 'unknown';
  if (letter === 'A') return 'paid';
  return letter === 'V' ? 'voided' : 'unknown';
}

export const invoiceStatusReader = readerOf<InvoiceStatus>((body) => {
  const read = fit(status, body);
  const fields = {
    kind: standingOf(read.invoice_status, read.tran_status),
    state: read.invoice_status,
    ...(read.tran_ref ? { tranRef: read.tran_ref } : {}),
    ...(read.tran_status ? { tranStatus: read.tran_status } : {}),
    ...(read.tran_status_msg ? { tranMessage: read.tran_status_msg } : {}),
    ...traceOf(read),
  };
  return withRaw(fields, body);
});

/** An invoice that was marked as paid. */
export interface MarkedInvoice {
  readonly tranRef?: string;
  readonly trace?: string;
  readonly raw: Raw;
}

const marked = z.looseObject({
  invoice_id: wireId,
  invoice_currency: z.string().min(1),
  // A number has become its digits when the JSON was read.
  invoice_total: z.string(),
  tran_ref: text,
  ...traced,
});

/** The answer must be about what was asked for. */
export const markedInvoiceReader = (asked: {
  readonly invoiceId: number;
  readonly isAmount: (amount: ReturnType<typeof readAmount>) => boolean;
}) =>
  readerOf<MarkedInvoice>((body) => {
    const read = fit(marked, body);
    if (read.invoice_id !== asked.invoiceId) throw new Unreadable('it is about another invoice');
    if (!asked.isAmount(readAmount(read.invoice_total, read.invoice_currency))) {
      throw new Unreadable('it is about another amount');
    }
    const tranRef = read.tran_ref ? { tranRef: read.tran_ref } : {};
    return withRaw({ ...tranRef, ...traceOf(read) }, body);
  });

/** An invoice in a list. The names of its fields are not published, so but for these they are in `raw` alone. */
export interface InvoiceRow {
  readonly invoiceId?: number;
  readonly cartId?: string;
  readonly state?: string;
  readonly raw: Raw;
}

const row = z.looseObject({
  invoice_id: wireId.optional().catch(undefined),
  cart_id: z.string().optional().catch(undefined),
  invoice_status: z.string().optional().catch(undefined),
});

export const invoiceRowsReader = readerOf<readonly InvoiceRow[]>((body) => {
  if (!Array.isArray(body)) throw new Unreadable('it is no list');
  return Object.freeze(
    body.map((each): InvoiceRow => {
      const { invoice_id: invoiceId, cart_id: cartId, invoice_status: state } = fit(row, each);
      const fields = {
        ...(invoiceId === undefined ? {} : { invoiceId }),
        ...(cartId === undefined ? {} : { cartId }),
        ...(state === undefined ? {} : { state }),
      };
      return withRaw(fields, each);
    }),
  );
});
