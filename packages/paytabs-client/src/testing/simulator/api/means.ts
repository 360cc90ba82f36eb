import { passesLuhn, testCards } from '../bank/cards.js';
import type { PresentedCard } from '../bank/issuer.js';
import type { KeptCard } from '../books/vault.js';
import type { Means } from '../payments/take-payment.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { type Body, type PaymentFields, textOf } from './payment-fields.js';

/** How a request wants to be paid: on a page, with what it brought, or by a card that was saved. */
export type ReadMeans =
  | { readonly kind: 'page' }
  | { readonly kind: 'direct'; readonly means: Means }
  | { readonly kind: 'saved'; readonly saved: KeptCard };

const direct = ['card_details', 'payment_token', 'apple_pay_token', 'samsung_pay_token'] as const;

/** @throws GatewayRefusal */
export function readMeans(fields: PaymentFields, call: Call): ReadMeans {
  const { body } = call;
  const brought = direct.filter((name) => isGiven(body[name]));
  const saved = readSaved(fields, call);
  if (brought.length + (saved === undefined ? 0 : 1) > 1) {
    refuseRequest(2, 'Invalid request: more than one way to pay');
  }
  if (saved !== undefined) return { kind: 'saved', saved };
  const [name] = brought;
  if (name === undefined) {
    if (fields.transactionClass === 'ECom') return { kind: 'page' };
    return refuseRequest(2, 'Invalid request: tran_class needs a card');
  }
  if (fields.transactionClass === 'Recurring') {
    return refuseRequest(2, 'Invalid request: recurring needs a saved card');
  }
  return { kind: 'direct', means: readDirect(name, fields, call) };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function readDirect(
  name: (typeof direct)[number],
  { transactionClass }: PaymentFields,
  { body, gateway, profile }: Call,
): Means {
  if (isGiven(body.payment_methods)) {
    refuseRequest(2, 'Invalid request: payment_methods is not allowed here');
  }
  const unattended = transactionClass === 'MOTO';
  switch (name) {
    case 'card_details':
      needCustomer(body);
      return { card: readCard(body.card_details, { needsCvv: !unattended }), unattended };
    case 'payment_token': {
      needCustomer(body);
      const card = gateway.vault.redeem(profile.profileId, textOf(body.payment_token));
      return card === undefined
        ? refuseRequest(2, 'Invalid request: payment_token')
        : { card, unattended };
    }
    default:
      return readWallet(name, body[name]);
  }
}

function needCustomer(body: Body): void {
  const { customer_details: details } = body;
  if (typeof details === 'object' && details !== null && Object.keys(details).length > 0) return;
  refuseRequest(2, 'Invalid request: customer_details is required');
}

/** A number, or its digits as samples have them; anything else is none. */
const wholeNumber = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && /^\d{1,4}$/.test(value))
    ? Number(value)
    : Number.NaN;

/** Reads `pan`, `cvv` and `expiry_*`. @throws GatewayRefusal 200 for a card that cannot be */
export function readCard(value: unknown, { needsCvv }: { needsCvv: boolean }): PresentedCard {
  const { pan, cvv, expiry_month: month, expiry_year: year } = (value ?? {}) as Body;
  const expiryMonth = wholeNumber(month);
  const expiryYear = wholeNumber(year);
  const isMonth = Number.isInteger(expiryMonth) && expiryMonth >= 1 && expiryMonth <= 12;
  if (typeof pan !== 'string' || !isMonth || !Number.isInteger(expiryYear) || expiryYear < 2000) {
    return refuseRequest(2, 'Invalid request: card_details');
  }
  if (!/^\d{13,19}$/.test(pan) || !passesLuhn(pan)) {
    return refuseRequest(200, 'Invalid card number');
  }
  const hasCvv = typeof cvv === 'string' && /^\d{3,4}$/.test(cvv);
  if (needsCvv ? !hasCvv : isGiven(cvv) && !hasCvv) {
    return refuseRequest(2, 'Invalid request: card_details.cvv');
  }
  return { number: pan, expiryMonth, expiryYear, ...(hasCvv ? { cvv } : {}) };
}

/** The wallet's own data cannot be opened here: behind every wallet is the same good card. */
function readWallet(name: 'apple_pay_token' | 'samsung_pay_token', value: unknown): Means {
  let token: unknown = value;
  if (typeof value === 'string') {
    try {
      token = JSON.parse(value);
    } catch {
      return refuseRequest(2, `Invalid request: ${name}`);
    }
  }
  const { paymentData, paymentMethod } = (token ?? {}) as Body;
  if (
    typeof token !== 'object' ||
    token === null ||
    (name === 'apple_pay_token' && !isGiven(paymentData))
  ) {
    return refuseRequest(2, `Invalid request: ${name}`);
  }
  const network = textOf((paymentMethod as Body | undefined)?.network);
  const isMastercard = network.toLowerCase() === 'mastercard';
  return {
    card: isMastercard ? testCards.mastercard : testCards.visa,
    method: { name: name === 'apple_pay_token' ? 'ApplePay' : 'SamsungPay' },
    unattended: true,
  };
}

function readSaved(fields: PaymentFields, call: Call): KeptCard | undefined {
  const { body, gateway, profile } = call;
  const info = (body.token_info ?? {}) as Body;
  const token = textOf(body.token) || textOf(info.token);
  const tranRef = textOf(body.tran_ref);
  const isRecurring = fields.transactionClass === 'Recurring';
  if (token === '' && !(isRecurring && tranRef !== '')) return undefined;
  const { vault } = gateway;
  const kept =
    token === ''
      ? vault.findByTranRef(profile.profileId, tranRef)
      : vault.find(profile.profileId, token);
  if (kept === undefined || (tranRef !== '' && kept.tranRef !== tranRef)) {
    return refuseRequest(2, 'Invalid request: token');
  }
  if (isRecurring && (isGiven(body.shipping_details) || isGiven(body.card_filter))) {
    refuseRequest(2, 'Invalid request: not allowed with tran_class recurring');
  }
  return kept;
}
