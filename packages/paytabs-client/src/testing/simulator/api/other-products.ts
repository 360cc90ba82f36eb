import { deferredMethods, postpone } from '../payments/deferred.js';
import { beginPayment } from '../payments/open-page.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { guard } from './guard.js';
import { readOrder } from './new-payment.js';
import { readPaymentFields, textOf } from './payment-fields.js';

/** `POST /payment/agreement/cancel`. */
export function cancelAgreement({ body, gateway, profile }: Call): object {
  if (!gateway.agreements.cancel(profile.profileId, Number(body.agreement_id))) {
    return refuseRequest(2, 'Agreement not found');
  }
  const trace = gateway.references.trace();
  return { message: 'Agreement has been cancelled', status: 'success', trace };
}

/** `POST /payment/info/valu/inquiry`; 0: fine. */
export function inquireValu({ body }: Call): object {
  const { amount, cart_amount: cartAmount = amount } = body;
  return {
    valuResponse: {
      responseCode: 0,
      responseMessage: 'Success',
      productList: [{ productId: 1, tenure: 6, loanAmount: cartAmount }],
    },
  };
}

const sadadDays = 5;

/** `POST /payment/apm/sadad/ifs/request`: a bill to be paid at any bank in Saudi Arabia. */
export function requestSadad(call: Call): object {
  const { gateway, body } = call;
  const request = { tran_type: 'sale', tran_class: 'ecom', ...body };
  const fields = readPaymentFields(request, gateway.options);
  if (fields.amount.currency !== 'SAR') refuseRequest(206, 'Invalid currency code');
  if (gateway.options.duplicateGuard !== 'off') guard(fields, call);
  const { template } = readOrder(fields, { ...call, body: request });
  const { references } = gateway;
  const number = references.digits(12);
  const begun = beginPayment(
    { ...template, channel: 'Transaction API', serviceId: 1, invoiceId: references.number() },
    gateway,
  );
  const sadad = deferredMethods.find(({ code }) => code === 'sadad');
  const method = {
    ...sadad?.method,
    name: 'SADAD (IFS)',
    scheme: 'Unknown',
    description: fields.description,
    issuerName: 'IFS',
  };
  const { tranRef, invoiceId, cartId, createdAt } = postpone(begun, { method, number }, gateway);
  const expiry = new Date(createdAt + sadadDays * 86_400_000).toISOString();
  return {
    biller_id: '902',
    sadad_number: number,
    cart_id: cartId,
    tran_ref: tranRef,
    // Nanoseconds, as captured.
    expire_date: expiry.replace(/(\.\d{3})Z$/, '$1903127Z'),
    invoice_id: invoiceId,
  };
}

/** `POST /payment/apm/sadad/ifs/inquiry`. Its reply is not published. */
export function inquireSadad({ body, gateway, profile }: Call): object {
  const entry = gateway.ledger.find(profile.profileId, textOf(body.tran_ref));
  if (entry?.type !== 'Payment Request') return refuseRequest(2, 'SADAD bill not found');
  return {
    biller_id: '902',
    sadad_number: entry.responseCode,
    cart_id: entry.cartId,
    tran_ref: entry.tranRef,
    invoice_id: entry.invoiceId,
    status: gateway.waiting.has(entry.tranRef) ? 'pending' : 'closed',
  };
}
