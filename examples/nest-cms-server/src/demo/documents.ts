import { Long, ObjectId } from 'mongodb';
import type { ContractDocument } from '../features/contracts/contract.schema.js';
import type { OfferDocument } from '../features/offers/offer.schema.js';
import type { JournalEntry } from '../payments/journal.js';
import type { PaymentDocument } from '../payments/payment.document.js';
import {
  beginAttempt,
  endAttempt,
  markPaid,
  pageOpened,
  pageUnknown,
} from '../payments/payment.transitions.js';
import type { DemoDeal } from './company.js';

const DAY_MS = 86_400_000;

export interface DemoDocuments {
  readonly offers: OfferDocument[];
  readonly contracts: ContractDocument[];
  readonly payments: PaymentDocument[];
  readonly journal: JournalEntry[];
}

/** The documents of these deals as the server itself would have written them. */
export function demoDocuments(
  deals: readonly DemoDeal[],
  idOf: (person: DemoDeal['client']) => ObjectId,
  now: number,
): DemoDocuments {
  const documents: DemoDocuments = { offers: [], contracts: [], payments: [], journal: [] };
  for (const deal of deals) {
    const at = new Date(now - deal.daysAgo * DAY_MS);
    const parties = { clientId: idOf(deal.client), employeeId: idOf(deal.employee) };
    const price = { minor: Long.fromNumber(deal.minor), currency: deal.currency };
    const text = { title: deal.title, content: deal.content };
    const times = { createdAt: at, updatedAt: at };
    const contractId = deal.offer === 'converted' ? new ObjectId() : undefined;
    const offer: OfferDocument = {
      _id: new ObjectId(),
      v: 1,
      ...text,
      price,
      ...parties,
      status: deal.offer,
      ...(contractId && { contractId }),
      ...times,
    };
    documents.offers.push(offer);
    if (!contractId) continue;

    const invoiced = (deal.payments ?? []).reduce((sum, { minor }) => sum + minor, 0);
    documents.contracts.push({
      _id: contractId,
      v: 1,
      offerId: offer._id,
      ...text,
      amount: price,
      invoiced: { minor: Long.fromNumber(invoiced), currency: deal.currency },
      ...parties,
      status: 'active',
      ...times,
    });
    for (const { title, minor, status, daysAgo } of deal.payments ?? []) {
      const created = new Date(now - daysAgo * DAY_MS);
      const payment = inState(status, {
        _id: new ObjectId(),
        v: 1,
        version: 1,
        contractId,
        ...parties,
        title,
        amount: { minor: Long.fromNumber(minor), currency: deal.currency },
        status: 'created',
        attempts: [],
        history: [{ to: 'created', at: created, reason: 'invoiced' }],
        createdAt: created,
        updatedAt: created,
      });
      documents.payments.push(payment);
      if (payment.status === 'paid') documents.journal.push(journalOf(payment));
    }
  }
  return documents;
}

/** Walks a new payment to a state along the same transitions as the server. */
function inState(status: PaymentDocument['status'], created: PaymentDocument): PaymentDocument {
  if (status === 'created') return created;
  const at = new Date(created.createdAt.getTime() + 60_000);
  const begun = beginAttempt(created, { at });
  const cartId = begun.attempts[0]?.cartId ?? '';
  // A page whose answer got lost: what the server finds after a crash, and asks the gateway about.
  if (status === 'processing') return pageUnknown(begun, cartId, at);
  const tranRef = `DEMO${cartId.slice(-14)}`;
  const redirectUrl = 'https://gateway.example/page-that-is-over';
  const opened = pageOpened(begun, { cartId, tranRef, redirectUrl }, at);
  if (status === 'paid') return markPaid(opened, { cartId, tranRef }, at);
  return endAttempt(opened, cartId, status, status, at);
}

function journalOf(payment: PaymentDocument): JournalEntry {
  const at = payment.paidAt ?? payment.updatedAt;
  return {
    _id: new ObjectId(),
    v: 1,
    kind: 'payment',
    tranRef: payment.tranRef ?? '',
    cartId: payment.attempts[0]?.cartId ?? '',
    paymentId: payment._id,
    contractId: payment.contractId,
    amount: payment.amount,
    movedAt: at,
    at,
  };
}
