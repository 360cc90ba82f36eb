import { moneyToJson } from '@nestcms/paytabs-client';
import { moneyFromBson } from '../platform/money.js';
import type { DomainEvent } from '../platform/outbox/event.js';
import type { PaymentDocument } from './payment.document.js';
import type { PaymentStatus } from './payment.machine.js';

/** `payment.created`, `payment.processing`, `payment.paid` …: one for each move, with both states. */
export function paymentMoved(
  payment: PaymentDocument,
  from: PaymentStatus | undefined,
  reason: string,
): DomainEvent {
  const id = payment._id.toHexString();
  return {
    type: `payment.${payment.status}`,
    aggregate: { type: 'payment', id },
    data: {
      paymentId: id,
      contractId: payment.contractId.toHexString(),
      clientId: payment.clientId.toHexString(),
      employeeId: payment.employeeId.toHexString(),
      amount: moneyToJson(moneyFromBson(payment.amount)),
      ...(from && { from }),
      to: payment.status,
      reason,
      ...(payment.tranRef && { tranRef: payment.tranRef }),
    },
  };
}

export type MoneyAlertReason =
  /** A signed notice names a cart that is none of ours. */
  | 'unknownCart'
  /** Amount, currency, cart or profile are not those of the payment. */
  | 'bindingMismatch'
  /** Money moved for a payment that another transaction had paid already. */
  | 'paidTwice'
  /** A signed notice names a transaction that the gateway does not know, even later. */
  | 'unknownTransaction'
  /** Risk screening holds the money until somebody decides in the gateway's dashboard. */
  | 'heldByGateway'
  /** Money of a payment was refunded, voided or released at the gateway; the books do not show it. */
  | 'undoneAtGateway'
  /** The gateway tells of a transaction that this version cannot read: it may be money. */
  | 'unreadableTransaction'
  /** The gateway has left the end of a try open, or given no answer that can be read, for a day. */
  | 'undecided';

/** Something about money that a person must look at. Nothing was applied because of it. */
export function moneyAlert(
  reason: MoneyAlertReason,
  aggregate: DomainEvent['aggregate'],
  data: { cartId: string; tranRef: string; mismatches?: readonly string[] },
): DomainEvent {
  return { type: 'alert.raised', aggregate, data: { reason, ...data } };
}
