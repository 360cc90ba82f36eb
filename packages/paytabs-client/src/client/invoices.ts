import { type Acknowledgement, acknowledgementReader } from '../gateway/acknowledgement.js';
import { pdfReader } from '../gateway/file-reply.js';
import {
  type CreatedInvoice,
  createdInvoiceReader,
  type InvoiceRow,
  type InvoiceStatus,
  invoiceRowsReader,
  invoiceStatusReader,
  type MarkedInvoice,
  markedInvoiceReader,
} from '../gateway/invoice-reply.js';
import { withRaw } from '../gateway/with-raw.js';
import { sameMoney } from '../money/money.js';
import { invoiceFields } from '../operations/invoice-fields.js';
import {
  type CreateInvoiceRequest,
  createInvoice,
  type InvoiceRequest,
  invoiceRequest,
  type MarkInvoicePaidRequest,
  markInvoicePaid,
  type SearchInvoicesRequest,
  type SendInvoiceSmsRequest,
  searchInvoices,
  sendInvoiceSms,
} from '../operations/invoices.js';
import { decimal } from '../operations/money-fields.js';
import { cartFields, customerFields } from '../operations/wire-fields.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { Done, OutcomeUnknown, WriteUnknown } from './outcomes.js';

/** There is an invoice: it can be paid from now on. */
export interface InvoiceOpened extends CreatedInvoice {
  readonly kind: 'invoice';
  readonly cartId: string;
}

/** How the request for an invoice went. */
export type InvoiceOutcome = InvoiceOpened | OutcomeUnknown;

/** What an invoice without an end of its own is waited for; as long as the gateway's own list looks back. */
const defaultLifeMs = 45 * 86_400_000;

/** What stands in an intent for the transaction that an invoice does not have yet. */
export const nameOfInvoice = (invoiceId: number): string => `invoice-${invoiceId}`;

/** Invoices: pages that live for days and are sent to the customer. */
export class Invoices {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /**
   * Asks for an invoice. Remembered like a payment: the gateway may send it to the customer by itself, so one whose
   * answer was lost can be paid. Reconciling finds it by its reference, and who has paid it.
   */
  async create(request: CreateInvoiceRequest, call: CallOptions = {}): Promise<InvoiceOutcome> {
    const checked = this.#desk.checked(createInvoice, request);
    const { cartId, amount, type } = checked;
    const { clock, invoiceRoutes } = this.#desk.options;
    const { expiryDate } = checked.invoice;
    const lifeMs =
      expiryDate === undefined ? defaultLifeMs : Date.parse(expiryDate) - clock.wallTime();
    const operation = 'createInvoice';
    return this.#desk.open<CreatedInvoice, InvoiceOpened>(
      {
        operation,
        type,
        cartId,
        amount,
        pageLifeMs: Math.max(0, lifeMs),
        path: invoiceRoutes === 'body' ? '/payment/invoice/new' : '/payment/new/invoice',
        fields: {
          tran_type: type,
          tran_class: 'ecom',
          ...cartFields(checked),
          customer_ref: checked.customerRef,
          hide_shipping: checked.hideShipping,
          payment_methods: checked.paymentMethods,
          invoice: invoiceFields(checked.invoice),
          customer_details: customerFields(checked.customer),
          shipping_details: customerFields(checked.shipping),
          user_defined: checked.userDefined,
          callback: checked.callbackUrl,
          return: checked.returnUrl,
        },
        reader: createdInvoiceReader,
        read: (invoice) => ({
          kind: 'opened',
          tranRef: nameOfInvoice(invoice.invoiceId),
          result: withRaw({ kind: 'invoice' as const, cartId, ...invoice }, invoice.raw),
        }),
      },
      call,
    );
  }

  /**
   * How it stands. `kind` takes state and transaction together: a voided invoice still has the state `paid`. Before you
   * deliver, ask with `query` for its `tranRef`.
   */
  async status(request: InvoiceRequest, call: CallOptions = {}): Promise<InvoiceStatus> {
    const { invoiceId } = this.#desk.checked(invoiceRequest, request);
    const operation = 'invoiceStatus';
    return this.#desk.read(
      this.#desk.options.invoiceRoutes === 'body'
        ? { operation, path: '/payment/invoice/status', fields: { invoice_id: invoiceId } }
        : { operation, method: 'GET', path: `/payment/invoice/${invoiceId}/status` },
      invoiceStatusReader,
      call,
    );
  }

  /** Takes it back. `unknown`: ask with `status`. */
  async cancel(
    request: InvoiceRequest,
    call: CallOptions = {},
  ): Promise<Done<Acknowledgement> | WriteUnknown> {
    const { invoiceId } = this.#desk.checked(invoiceRequest, request);
    const errand = { operation: 'cancelInvoice', fields: { invoice_id: invoiceId } } as const;
    return this.#desk.write(
      this.#desk.options.invoiceRoutes === 'body'
        ? { ...errand, path: '/payment/invoice/cancel' }
        : { ...errand, method: 'PUT', path: `/payment/invoice/${invoiceId}/cancel` },
      acknowledgementReader,
      call,
    );
  }

  /** Sends its link by SMS. `unknown`: it may have been sent. */
  async sendSms(
    request: SendInvoiceSmsRequest,
    call: CallOptions = {},
  ): Promise<Done<Acknowledgement> | WriteUnknown> {
    const { invoiceId, phone } = this.#desk.checked(sendInvoiceSms, request);
    return this.#desk.write(
      {
        operation: 'sendInvoiceSms',
        path: `/payment/invoice/${invoiceId}/sms`,
        fields: { customer_details: { phone } },
      },
      acknowledgementReader,
      call,
    );
  }

  /** Says that it was paid elsewhere; no money moves here. `unknown`: ask with `status`. */
  async markPaid(
    request: MarkInvoicePaidRequest,
    call: CallOptions = {},
  ): Promise<Done<MarkedInvoice> | WriteUnknown> {
    const checked = this.#desk.checked(markInvoicePaid, request);
    const { invoiceId, amount, method, description } = checked;
    const isAmount = (told: typeof amount) => sameMoney(told, amount);
    return this.#desk.write(
      {
        operation: 'markInvoicePaid',
        path: '/payment/invoice/paid',
        fields: {
          invoice_id: invoiceId,
          invoice_currency: amount.currency,
          invoice_total: decimal(amount),
          pay_method: method,
          pay_description: description,
        },
      },
      markedInvoiceReader({ invoiceId, isAmount }),
      call,
    );
  }

  /** Lists invoices; how many at most is not published. */
  async search(
    request: SearchInvoicesRequest = {},
    call: CallOptions = {},
  ): Promise<readonly InvoiceRow[]> {
    const { createdFrom, createdTo, cartId, customerRef } = this.#desk.checked(
      searchInvoices,
      request,
    );
    return this.#desk.read(
      {
        operation: 'searchInvoices',
        path: '/payment/invoice/search',
        ...(cartId === undefined ? {} : { cartId }),
        fields: {
          created_date_from: createdFrom,
          created_date_to: createdTo,
          cart_id: cartId,
          customer_ref: customerRef,
        },
      },
      invoiceRowsReader,
      call,
    );
  }

  /** Its PDF, up to `maxPdfBytes`. */
  async downloadPdf(request: InvoiceRequest, call: CallOptions = {}): Promise<Uint8Array> {
    const { invoiceId } = this.#desk.checked(invoiceRequest, request);
    return this.#desk.read(
      {
        operation: 'downloadInvoice',
        method: 'GET',
        path: `/payment/invoice/${invoiceId}/download/pdf`,
        accept: 'application/pdf, application/json',
        maxReplyBytes: this.#desk.options.maxPdfBytes,
      },
      pdfReader,
      call,
    );
  }
}
