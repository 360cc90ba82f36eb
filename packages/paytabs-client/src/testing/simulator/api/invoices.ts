import { jsonNumber } from '../../../gateway/json.js';
import { formatMajor, sameMoney } from '../../../money/money.js';
import { type Invoice, invoiceStatus } from '../books/invoices.js';
import { writeAmount } from '../decimals.js';
import type { Reply } from '../http.js';
import { beginPayment } from '../payments/open-page.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { checkLimit, guard } from './guard.js';
import { openInvoice, readInvoice } from './invoice-fields.js';
import { readOrder } from './new-payment.js';
import { type Body, readPaymentFields, textOf } from './payment-fields.js';
import { readMajor } from './terms.js';

/** `POST /payment/invoice/new`. Its reply has `trace_code`, not `trace`. */
export function createInvoice(call: Call): object {
  const { body, gateway, profile, baseUrl } = call;
  const fields = readPaymentFields(body, gateway.options);
  if (fields.type !== 'sale' && fields.type !== 'auth') {
    refuseRequest(2, 'Invalid request: tran_type');
  }
  const invoice = readInvoice(body.invoice ?? {}, gateway.clock.wallTime()) ?? {};
  checkLimit(fields, call);
  const order = readOrder(fields, call);
  if (gateway.options.duplicateGuard !== 'off') guard(fields, call);
  const { id, secret } = openInvoice({ profile, order, invoice }, gateway);
  return {
    invoice_id: id,
    invoice_link: `${baseUrl}/payment/request/invoice/${id}/${secret}`,
    trace_code: gateway.references.trace(),
  };
}

function invoiceOf({ body, params, gateway, profile }: Call): Invoice {
  const id = params[0] ?? body.invoice_id;
  const invoice = gateway.invoices.find(profile.profileId, Number(id));
  return invoice ?? refuseRequest(2, 'Invoice not found');
}

const stateOf = (invoice: Invoice, { gateway }: Call) =>
  invoiceStatus(invoice, { ledger: gateway.ledger, now: gateway.clock.wallTime() });

/** `POST /payment/invoice/status` and `GET /payment/invoice/{id}/status`. */
export function readInvoiceStatus(call: Call): object {
  const { status, payment } = stateOf(invoiceOf(call), call);
  if (payment === undefined) return { invoice_status: status };
  return {
    invoice_status: status,
    tran_ref: payment.tranRef,
    tran_status: payment.status,
    tran_status_msg: payment.responseMessage,
  };
}

/** `POST /payment/invoice/cancel` and `PUT /payment/invoice/{id}/cancel`. */
export function cancelInvoice(call: Call): object {
  const invoice = invoiceOf(call);
  const { status } = stateOf(invoice, call);
  if (status === 'paid' || status === 'refunded') refuseRequest(2, 'Invoice is already paid');
  invoice.cancelled = true;
  return { code: 0, message: 'Invoice cancelled', trace: call.gateway.references.trace() };
}

/** `POST /payment/invoice/{id}/sms`. Nothing is sent. */
export function sendInvoice(call: Call): object {
  invoiceOf(call);
  const { phone } = (call.body.customer_details ?? {}) as Body;
  if (textOf(phone) === '') refuseRequest(2, 'Invalid request: customer_details.phone');
  return { message: 'SMS sent', trace: call.gateway.references.trace() };
}

const payMethods = ['cash', 'cheque', 'banktransfer', 'pointofsale'];

/** `POST /payment/invoice/paid`: it was paid elsewhere, which no bank of the gateway knows of. */
export function markInvoicePaid(call: Call): object {
  const { body, gateway } = call;
  const invoice = invoiceOf(call);
  const { total } = invoice.order.template;
  const { pay_method: method, invoice_currency: currency, invoice_total: amount } = body;
  if (!payMethods.includes(textOf(method))) refuseRequest(2, 'Invalid request: pay_method');
  if (currency !== total.currency) refuseRequest(206, 'Invalid currency code');
  if (!sameMoney(readMajor(textOf(amount), total, 'invoice_total'), total)) {
    refuseRequest(2, 'Invalid request: invoice_total');
  }
  const { status } = stateOf(invoice, call);
  if (status !== 'pending' && status !== 'overdue') refuseRequest(2, `Invoice is ${status}`);
  const name = textOf(method);
  const entry = beginPayment(
    { ...invoice.order.template, serviceId: 1, method: { name }, channel: 'Transaction API' },
    gateway,
  );
  const end = { responseCode: '000', responseMessage: 'Authorised' };
  const { tranRef } = gateway.conclude(entry, { status: 'A', ...end });
  return {
    profile_id: body.profile_id,
    invoice_id: invoice.id,
    invoice_currency: currency,
    // The digits that were sent.
    invoice_total: jsonNumber(textOf(amount)),
    pay_method: method,
    pay_description: body.pay_description,
    tran_ref: tranRef,
  };
}

const searchDays = 45;

/** `POST /payment/invoice/search`; without dates the last 45 days. Its rows are not published. */
export function searchInvoices(call: Call): object {
  const { body, gateway, profile } = call;
  const time = (value: unknown, otherwise: number) => {
    if (value === undefined) return otherwise;
    const at = Date.parse(textOf(value));
    return Number.isNaN(at) ? refuseRequest(2, 'Invalid request: created_date') : at;
  };
  const now = gateway.clock.wallTime();
  const from = time(body.created_date_from, now - searchDays * 86_400_000);
  const to = time(body.created_date_to, now);
  return gateway.invoices
    .listOf(profile.profileId)
    .filter(({ createdAt }) => createdAt >= from && createdAt <= to)
    .filter(({ order: { template } }) => {
      const { cart_id: cartId, customer_ref: customerRef } = body;
      return (
        (cartId === undefined || cartId === template.cartId) &&
        (customerRef === undefined || customerRef === template.customerRef)
      );
    })
    .map((invoice) => searchRow(invoice, call));
}

const searchRow = (invoice: Invoice, call: Call) => {
  const { template } = invoice.order;
  const { status, payment } = stateOf(invoice, call);
  return {
    invoice_id: invoice.id,
    invoice_status: status,
    cart_id: template.cartId,
    cart_description: template.description,
    cart_currency: template.total.currency,
    cart_amount: writeAmount(template.total, call.gateway.options.decimals),
    ...(template.customerRef === undefined ? {} : { customer_ref: template.customerRef }),
    created_date: new Date(invoice.createdAt).toISOString(),
    ...(payment === undefined ? {} : { tran_ref: payment.tranRef }),
  };
};

/** `GET /payment/invoice/{id}/download/pdf`: the smallest page that readers open. */
export function invoicePdf(call: Call): Reply {
  const { id, order } = invoiceOf(call);
  const { total } = order.template;
  const text = `BT /F1 18 Tf 40 90 Td (Invoice ${id}: ${total.currency} ${formatMajor(total)}) Tj ET`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 180]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${text.length}>>stream\n${text}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(at).padStart(10, '0');
  });
  const table = offsets.map((offset) => `${offset} 00000 n \n`).join('');
  const size = objects.length + 1;
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`;
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: body + end };
}
