import { gatewayCurrencies, isCurrency } from '../../../money/currencies.js';
import { largestMinor } from '../../../money/largest-minor.js';
import { type Money, parseMajor } from '../../../money/money.js';
import type { CustomerFields, LedgerEntry } from '../books/ledger.js';
import { type Decimals, roundAmount } from '../decimals.js';
import { refuseRequest } from './gateway-error.js';

/** A JSON body, amounts as the digits on the wire. */
export type Body = Readonly<Record<string, unknown>>;

/** What a new payment and a follow-up have in common, checked as the gateway checks it. */
export interface PaymentFields {
  readonly type: string;
  readonly transactionClass: LedgerEntry['transactionClass'];
  readonly cartId: string;
  readonly description: string;
  readonly amount: Money;
  readonly callbackUrl?: string;
  readonly returnUrl?: string;
}

const classes: ReadonlyMap<string, LedgerEntry['transactionClass']> = new Map([
  ['ecom', 'ECom'],
  ['recurring', 'Recurring'],
  ['moto', 'MOTO'],
]);

/** A string, or nothing. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

/** Reads and checks the common fields. @throws GatewayRefusal with the gateway's codes */
export function readPaymentFields(
  body: Body,
  { allowLocalCallback, decimals }: { allowLocalCallback: boolean; decimals: Decimals },
): PaymentFields {
  const type = textOf(body.tran_type).toLowerCase();
  if (type === '') refuseRequest(2, 'Invalid request: tran_type is required');
  const transactionClass = classes.get(textOf(body.tran_class).toLowerCase());
  if (transactionClass === undefined) return refuseRequest(2, 'Invalid request: tran_class');
  const { cart_id: cartId, cart_description: description } = body;
  if (!isText(cartId, 64)) return refuseRequest(101, 'Cart ID is not valid');
  if (!isText(description, 128)) return refuseRequest(102, 'Cart description is not valid');
  const callbackUrl = optionalUrl(body, 'callback');
  if (callbackUrl !== undefined && !allowLocalCallback) checkPublic(callbackUrl);
  const returnUrl = optionalUrl(body, 'return');
  return {
    type,
    transactionClass,
    cartId,
    description,
    amount: readAmount(body, decimals),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
  };
}

/** Reads `cart_currency` and `cart_amount`. @throws GatewayRefusal */
function readAmount(body: Body, decimals: Decimals): Money {
  const currency = typeof body.cart_currency === 'string' ? body.cart_currency.toUpperCase() : '';
  if (!isCurrency(currency) || !gatewayCurrencies.includes(currency)) {
    return refuseRequest(206, 'Invalid currency code');
  }
  if (typeof body.cart_amount !== 'string') {
    return refuseRequest(2, 'Invalid request: cart_amount is required');
  }
  let amount: Money;
  try {
    amount = roundAmount(parseMajor(body.cart_amount, currency), decimals);
  } catch {
    return refuseRequest(2, 'Invalid request: cart_amount is not valid');
  }
  if (amount.minor <= 0n || amount.minor > largestMinor(currency)) {
    return refuseRequest(325, 'Amount is outside the limits of the merchant');
  }
  return amount;
}

function optionalUrl(body: Body, field: 'callback' | 'return'): string | undefined {
  const value = body[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (isText(value, 255) && /^https?:\/\//i.test(value) && URL.canParse(value)) return value;
  return refuseRequest(2, `Invalid request: ${field} is not a valid URL`);
}

const privateAddress =
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(\.\d+)+$/;
const privateName = /(^|\.)(localhost|local)$/i;

/** As far as a name tells. No address of the newer form is taken. */
function isPublic(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '');
  return host.includes('.') && !privateAddress.test(host) && !privateName.test(host);
}

function checkPublic(text: string): void {
  const { port, hostname } = new URL(text);
  if (port === '' && isPublic(hostname)) return;
  refuseRequest(
    2,
    'Invalid request: callback must be a public host without a port (the simulator takes others with allowLocalCallback)',
  );
}

/** Customer fields as sent, strings only. @throws GatewayRefusal 106 for a bad email */
export function readCustomer(body: Body): CustomerFields {
  const details = body.customer_details ?? {};
  if (!isObject(details)) return refuseRequest(2, 'Invalid request: customer_details');
  const { email } = details;
  if (email !== undefined && !(isText(email, 128) && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))) {
    refuseRequest(106, 'Customer email is not valid');
  }
  return onlyStrings(details);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The string values of an object; anything else is dropped. */
export const onlyStrings = (value: unknown): CustomerFields =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
    ),
  );
