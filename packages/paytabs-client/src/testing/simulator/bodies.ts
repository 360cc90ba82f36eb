import type { LedgerEntry } from './books/ledger.js';
import { type Decimals, writeAmount } from './decimals.js';
import type { SimulatorProfile } from './options.js';

/** Calendar time as the gateway writes it: `2026-09-13T08:15:30Z`. */
export const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const paymentInfo = ({ card, method }: LedgerEntry) => {
  if (card !== undefined) {
    return {
      payment_method: method?.name ?? card.scheme,
      card_type: 'Credit',
      card_scheme: card.scheme,
      payment_description: card.masked,
      expiryMonth: card.expiryMonth,
      expiryYear: card.expiryYear,
    };
  }
  if (method === undefined) return { card_scheme: '', payment_description: 'No Payment' };
  const { name, description, scheme, issuerCountry, issuerName } = method;
  return {
    payment_method: name,
    card_scheme: scheme ?? '',
    payment_description: description ?? name,
    ...(issuerCountry === undefined ? {} : { issuerCountry }),
    ...(issuerName === undefined ? {} : { issuerName }),
  };
};

const cart = (entry: LedgerEntry, decimals: Decimals) => ({
  cart_id: entry.cartId,
  cart_description: entry.description,
  cart_currency: entry.cartAmount.currency,
  cart_amount: writeAmount(entry.cartAmount, decimals),
});

const moved = (entry: LedgerEntry, decimals: Decimals) => ({
  tran_currency: entry.total.currency,
  tran_total: writeAmount(entry.total, decimals),
});

const people = (entry: LedgerEntry) => ({
  ...(entry.customerRef === undefined ? {} : { customer_ref: entry.customerRef }),
  customer_details: entry.customer,
  ...(entry.shipping === undefined ? {} : { shipping_details: entry.shipping }),
});

// A temporary transaction that is shown at all waits for its customer.
const result = (entry: LedgerEntry) =>
  entry.status === undefined
    ? { response_status: 'P', response_code: '600', response_message: 'Pending' }
    : {
        response_status: entry.status,
        response_code: entry.responseCode,
        response_message: entry.responseMessage,
      };

const reference = (entry: LedgerEntry) => ({
  tran_ref: entry.tranRef,
  ...(entry.previousTranRef === undefined ? {} : { previous_tran_ref: entry.previousTranRef }),
});

const owner = (entry: LedgerEntry, profile: SimulatorProfile, trace: string) => ({
  serviceId: entry.serviceId,
  paymentChannel: entry.channel,
  profileId: profile.profileId,
  merchantId: profile.merchantId,
  trace,
});

/** What a reply needs beyond the transaction. */
interface Written {
  readonly profile: SimulatorProfile;
  readonly trace: string;
  readonly decimals: Decimals;
}

/** Reply to a page request. */
export const pageReply = (
  entry: LedgerEntry,
  { profile, trace, decimals, redirectUrl }: Written & { readonly redirectUrl: string },
) => ({
  ...reference(entry),
  tran_type: entry.type,
  ...cart(entry, decimals),
  tran_total: '0',
  callback: entry.callbackUrl ?? 'none',
  return: entry.returnUrl ?? 'none',
  redirect_url: redirectUrl,
  ...people(entry),
  ...owner(entry, profile, trace),
});

const outcome = (entry: LedgerEntry) => ({
  payment_result: {
    ...result(entry),
    transaction_time: isoSeconds(entry.actedAt ?? entry.createdAt),
  },
  payment_info: paymentInfo(entry),
});

/** Reply of a direct charge or a follow-up. */
export const transactionReply = (entry: LedgerEntry, { profile, trace, decimals }: Written) => ({
  ...reference(entry),
  tran_type: entry.type,
  ...cart(entry, decimals),
  ...moved(entry, decimals),
  ...people(entry),
  ...outcome(entry),
  ...(entry.token === undefined ? {} : { token: entry.token }),
  ...owner(entry, profile, trace),
});

/** Reply of a query by reference: it alone tells that something else was done than was asked. */
export const queryReply = (entry: LedgerEntry, how: Written) => {
  const { tran_ref, previous_tran_ref, tran_type, ...rest } = transactionReply(entry, how) as {
    tran_ref: string;
    previous_tran_ref?: string;
    tran_type: string;
  };
  return {
    tran_ref,
    ...(previous_tran_ref === undefined ? {} : { previous_tran_ref }),
    tran_type,
    ...(entry.originalType === undefined ? {} : { original_tran_type: entry.originalType }),
    ...rest,
  };
};

/** A row of a query by cart: less than the object, and without `previous_tran_ref`. */
export const cartRow = (entry: LedgerEntry, { decimals }: Pick<Written, 'decimals'>) => ({
  tran_ref: entry.tranRef,
  tran_type: entry.type,
  ...cart(entry, decimals),
  ...moved(entry, decimals),
  ...(entry.customerRef === undefined ? {} : { customer_ref: entry.customerRef }),
  customer_details: entry.customer,
  ...outcome(entry),
  serviceId: 0,
});

const threeDsDetails = (threeDs: NonNullable<LedgerEntry['threeDs']>) => ({
  responseLevel: 1,
  responseStatus: threeDs === 'failed' ? 2 : 1,
  enrolled: threeDs === 'none' ? 'N' : 'Y',
  paResStatus: threeDs === 'none' ? '' : threeDs === 'passed' ? 'Y' : 'N',
  eci: threeDs === 'passed' ? '05' : '',
  cavv: '',
  ucaf: '',
  threeDSVersion: 'Test/Simulation',
});

/** Body of a callback or IPN; snake_case owners, more in `payment_result`, no `original_tran_type`. */
export const noticeBody = (
  entry: LedgerEntry,
  { profile, ipnTrace, decimals }: Omit<Written, 'trace'> & { readonly ipnTrace: string },
) => ({
  ...reference(entry),
  merchant_id: profile.merchantId,
  profile_id: profile.profileId,
  ...cart(entry, decimals),
  ...moved(entry, decimals),
  tran_type: entry.type,
  tran_class: entry.transactionClass,
  ...(entry.invoiceId === undefined ? {} : { invoice_id: entry.invoiceId }),
  ...(entry.agreementId === undefined ? {} : { agreement_id: entry.agreementId }),
  ...people(entry),
  payment_result: {
    ...result(entry),
    ...(entry.acquirerRrn === undefined ? {} : { acquirer_rrn: entry.acquirerRrn }),
    ...(entry.acquirerRef === undefined ? {} : { acquirer_ref: entry.acquirerRef }),
    cvv_result: ' ',
    avs_result: ' ',
    transaction_time: isoSeconds(entry.actedAt ?? entry.createdAt),
  },
  payment_info: paymentInfo(entry),
  ...(entry.token === undefined ? {} : { token: entry.token }),
  ...(entry.userDefined === undefined ? {} : { user_defined: entry.userDefined }),
  ...(entry.threeDs === undefined ? {} : { threeDSDetails: threeDsDetails(entry.threeDs) }),
  ipn_trace: ipnTrace,
  paymentChannel: entry.channel,
});

/** The nine fields of the browser return, before signing. No amount, no currency. */
export const returnFields = (entry: LedgerEntry): Record<string, string> => ({
  acquirerMessage: '',
  acquirerRRN: '',
  cartId: entry.cartId,
  customerEmail: entry.customer.email ?? '',
  respCode: entry.responseCode,
  respMessage: entry.responseMessage,
  respStatus: entry.status ?? 'E',
  token: entry.token ?? '',
  tranRef: entry.tranRef,
});

/** What comes back by GET is less. */
export const returnQuery = (entry: LedgerEntry): Record<string, string> => {
  const {
    cartId = '',
    respCode = '',
    respMessage = '',
    respStatus = '',
    tranRef = '',
  } = returnFields(entry);
  return { cartId, respCode, respMessage, respStatus, tranRef };
};
