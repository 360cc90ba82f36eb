import { compareMoney } from '../../../money/money.js';
import { pageReply, transactionReply } from '../bodies.js';
import type { Gateway } from '../gateway.js';
import type { LedgerEntry } from '../ledger.js';
import type { SimulatorProfile } from '../options.js';
import { GatewayRefusal, refuseRequest } from './gateway-error.js';
import {
  type Body,
  onlyStrings,
  type PaymentFields,
  readCustomer,
  readPaymentFields,
  textOf,
} from './payment-fields.js';

interface Call {
  readonly gateway: Gateway;
  readonly profile: SimulatorProfile;
  readonly baseUrl: string;
}

/** `POST /payment/request`: a page for `sale` and `auth`, a follow-up for `refund`. */
export function paymentRequest(body: Body, call: Call): object {
  const fields = readPaymentFields(body, call.gateway.options);
  switch (fields.type) {
    case 'sale':
    case 'auth':
      return openPage(body, fields, call);
    case 'refund':
      return refund(body, fields, call);
    default:
      return refuseRequest(2, `Invalid request: tran_type ${fields.type} is not simulated`);
  }
}

function openPage(body: Body, fields: PaymentFields, { gateway, profile, baseUrl }: Call): object {
  for (const unsimulated of ['card_details', 'payment_token', 'token', 'apple_pay_token']) {
    if (unsimulated in body) refuseRequest(2, `Invalid request: ${unsimulated} is not simulated`);
  }
  const customer = readCustomer(body);
  const ttlMinutes = body.paypage_ttl ?? 20;
  if (typeof ttlMinutes !== 'number' || !Number.isInteger(ttlMinutes) || ttlMinutes < 1) {
    return refuseRequest(2, 'Invalid request: paypage_ttl');
  }
  if (!['en', 'ar', 'tr'].includes(textOf(body.paypage_lang ?? 'en').toLowerCase())) {
    return refuseRequest(2, 'Invalid request: paypage_lang');
  }
  if (gateway.options.duplicateGuard !== 'off') guard(fields, { gateway, profile });
  const { references, clock } = gateway;
  const userDefined = onlyStrings(body.user_defined);
  const entry = gateway.ledger.put({
    tranRef: references.tranRef(),
    profileId: profile.profileId,
    type: fields.type === 'auth' ? 'Auth' : 'Sale',
    ...commonEntry(fields),
    responseCode: '',
    responseMessage: '',
    createdAt: clock.wallTime(),
    channel: 'Payment Page',
    customer,
    ...(Object.keys(userDefined).length > 0 ? { userDefined } : {}),
    ...(typeof body.customer_ref === 'string' ? { customerRef: body.customer_ref } : {}),
  });
  const ttlMs = ttlMinutes * 60_000;
  const page = gateway.pages.open({
    id: references.pageId(),
    tranRef: entry.tranRef,
    expiresAt: clock.now() + ttlMs,
  });
  if (gateway.options.unusedPages === 'expire') {
    clock.setTimer(() => {
      if (page.used) return;
      page.used = true;
      const responseMessage = 'Transaction expired';
      gateway.conclude(entry, { status: 'X', responseCode: '355', responseMessage });
    }, ttlMs);
  }
  const redirectUrl = `${baseUrl}/payment/wr/${page.id}`;
  return pageReply(entry, { profile, redirectUrl, trace: references.trace() });
}

function refund(body: Body, fields: PaymentFields, { gateway, profile }: Call): object {
  const { ledger, references } = gateway;
  const parent = ledger.find(profile.profileId, textOf(body.tran_ref));
  if (parent?.status === undefined) {
    return refuseRequest(113, 'ErrorCode = 2000, ErrorMessage=Transaction not found');
  }
  if (parent.total.currency !== fields.amount.currency) refuseRequest(206, 'Invalid currency code');
  if (gateway.options.duplicateGuard === 'all') guard(fields, { gateway, profile });
  const tranRef = references.tranRef();
  const fits = compareMoney(fields.amount, ledger.refundable(parent)) <= 0;
  const end = fits
    ? gateway.issuer.refund({
        tranRef,
        cartId: fields.cartId,
        amount: fields.amount,
        card: parent.card?.masked ?? '',
      })
    : { approved: false, code: '118', message: 'Amount greater than available balance' };
  const now = gateway.clock.wallTime();
  const callbackUrl = fields.callbackUrl ?? parent.callbackUrl;
  const entry = ledger.put({
    tranRef,
    previousTranRef: parent.tranRef,
    profileId: profile.profileId,
    type: 'Refund',
    ...commonEntry(fields),
    status: end.approved ? 'A' : 'E',
    responseCode: end.code,
    responseMessage: end.message,
    createdAt: now,
    actedAt: now,
    channel: 'Transaction API',
    customer: parent.customer,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    ...(parent.card === undefined ? {} : { card: parent.card }),
    ...(end.approved ? { acquirerRef: references.acquirerRef() } : {}),
  });
  gateway.notify(entry);
  return transactionReply(entry, { profile, trace: references.trace() });
}

const commonEntry = (
  fields: PaymentFields,
): Pick<
  LedgerEntry,
  'cartId' | 'description' | 'cartAmount' | 'total' | 'callbackUrl' | 'returnUrl'
> => ({
  cartId: fields.cartId,
  description: fields.description,
  cartAmount: fields.amount,
  total: fields.amount,
  ...(fields.callbackUrl === undefined ? {} : { callbackUrl: fields.callbackUrl }),
  ...(fields.returnUrl === undefined ? {} : { returnUrl: fields.returnUrl }),
});

function guard(
  { cartId, amount }: PaymentFields,
  { gateway, profile }: Pick<Call, 'gateway' | 'profile'>,
): void {
  const { profileId } = profile;
  if (!gateway.guard.isDuplicate({ profileId, cartId, amount })) return;
  throw new GatewayRefusal(409, 4, 'Duplicate Request');
}
