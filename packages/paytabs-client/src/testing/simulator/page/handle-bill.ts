import { invoiceStatus } from '../books/invoices.js';
import type { Gateway } from '../gateway.js';
import type { Reply } from '../http.js';
import { beginPayment, openPage } from '../payments/open-page.js';
import { pageAnswer } from './handle-page.js';
import { renderMessage } from './render.js';
import { textsOf } from './texts.js';

/** The addresses of invoices and PayLinks: every visit opens a new page to pay on. */
export function handleBill(path: string, gateway: Gateway): Reply | undefined {
  const [, invoiceId, secret] =
    /^\/payment\/request\/invoice\/(\d+)\/([0-9A-F]+)$/.exec(path) ?? [];
  if (invoiceId !== undefined && secret !== undefined) {
    return visitInvoice(Number(invoiceId), secret, gateway);
  }
  const [, profileId, linkId] = /^\/payment\/link\/(\d+)\/(\d+)$/.exec(path) ?? [];
  if (profileId === undefined) return undefined;
  const link = gateway.links.find(Number(profileId), Number(linkId));
  return link === undefined ? notFound() : open(link.order, gateway);
}

function visitInvoice(id: number, secret: string, gateway: Gateway): Reply {
  const invoice = gateway.invoices.visit(id, secret);
  if (invoice === undefined) return notFound();
  const { ledger, clock } = gateway;
  const { status } = invoiceStatus(invoice, { ledger, now: clock.wallTime() });
  if (status === 'pending' || status === 'overdue') return open(invoice.order, gateway);
  return pageAnswer(renderMessage(textsOf('en').usedPage, 'en'), 410);
}

const notFound = () => pageAnswer(renderMessage(textsOf('en').noPage, 'en'), 404);

type Order = Parameters<Gateway['invoices']['open']>[0]['order'];

function open(order: Order, gateway: Gateway): Reply {
  const page = openPage(beginPayment(order.template, gateway), order, gateway);
  return { status: 303, headers: { location: `/payment/wr/${page.id}` }, body: '' };
}
