import { transactionReply } from '../bodies.js';
import { type FollowUpKind, followUp, isFollowUp } from '../payments/follow-up.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { guard } from './guard.js';
import { isNewPayment, newPayment } from './new-payment.js';
import { type PaymentFields, readPaymentFields, textOf } from './payment-fields.js';

/** `POST /payment/request`: the body decides whether it is a new payment or acts on an earlier one. */
export function paymentRequest(call: Call): object {
  const fields = readPaymentFields(call.body, call.gateway.options);
  const { type } = fields;
  if (isNewPayment(type)) return newPayment(fields, call);
  if (isFollowUp(type)) return answerFollowUp(type, fields, call);
  return refuseRequest(2, `Invalid request: tran_type ${type}`);
}

function answerFollowUp(kind: FollowUpKind, fields: PaymentFields, call: Call): object {
  const { gateway, profile, body } = call;
  const parent = gateway.ledger.find(profile.profileId, textOf(body.tran_ref));
  if (parent?.status === undefined) {
    return refuseRequest(113, 'ErrorCode = 2000, ErrorMessage=Transaction not found');
  }
  if (fields.transactionClass !== 'ECom') refuseRequest(2, 'Invalid request: tran_class');
  if (parent.total.currency !== fields.amount.currency) refuseRequest(206, 'Invalid currency code');
  if (gateway.options.duplicateGuard === 'all') guard(fields, call);
  const entry = followUp(parent, { ...fields, kind }, gateway);
  const { decimals } = gateway.options;
  return transactionReply(entry, { profile, decimals, trace: gateway.references.trace() });
}
