import { formatMajor } from '../../money/money.js';
import type { LedgerEntry } from './ledger.js';
import type { SimulatorProfile } from './options.js';

const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const paymentInfo = ({ card }: LedgerEntry) =>
  card === undefined
    ? { card_scheme: '', payment_description: 'No Payment' }
    : {
        payment_method: card.scheme,
        card_type: 'Credit',
        card_scheme: card.scheme,
        payment_description: card.masked,
        expiryMonth: card.expiryMonth,
        expiryYear: card.expiryYear,
      };

const cart = (entry: LedgerEntry) => ({
  cart_id: entry.cartId,
  cart_description: entry.description,
  cart_currency: entry.cartAmount.currency,
  cart_amount: formatMajor(entry.cartAmount),
});

const moved = (entry: LedgerEntry) => ({
  tran_currency: entry.total.currency,
  tran_total: formatMajor(entry.total),
});

const result = (entry: LedgerEntry) => ({
  response_status: entry.status ?? 'E',
  response_code: entry.responseCode,
  response_message: entry.responseMessage,
});

const reference = (entry: LedgerEntry) => ({
  tran_ref: entry.tranRef,
  ...(entry.previousTranRef === undefined ? {} : { previous_tran_ref: entry.previousTranRef }),
});

const owner = (entry: LedgerEntry, profile: SimulatorProfile, trace: string) => ({
  paymentChannel: entry.channel,
  profileId: profile.profileId,
  merchantId: profile.merchantId,
  trace,
});

/** Reply to a page request. */
export const pageReply = (
  entry: LedgerEntry,
  {
    profile,
    trace,
    redirectUrl,
  }: { profile: SimulatorProfile; trace: string; redirectUrl: string },
) => ({
  ...reference(entry),
  tran_type: entry.type,
  ...cart(entry),
  tran_total: '0',
  callback: entry.callbackUrl ?? 'none',
  return: entry.returnUrl ?? 'none',
  redirect_url: redirectUrl,
  customer_details: entry.customer,
  serviceId: 2,
  ...owner(entry, profile, trace),
});

const row = (entry: LedgerEntry) => ({
  ...reference(entry),
  tran_type: entry.type,
  ...cart(entry),
  ...moved(entry),
  customer_details: entry.customer,
  payment_result: {
    ...result(entry),
    transaction_time: isoSeconds(entry.actedAt ?? entry.createdAt),
  },
  payment_info: paymentInfo(entry),
});

/** Reply of a follow-up or of a query by reference. */
export const transactionReply = (
  entry: LedgerEntry,
  { profile, trace }: { profile: SimulatorProfile; trace: string },
) => ({
  ...row(entry),
  serviceId: entry.channel === 'Payment Page' ? 2 : 1,
  ...owner(entry, profile, trace),
});

/** A row of a query by cart: less than the object, and without `previous_tran_ref`. */
export const cartRow = (entry: LedgerEntry) => {
  const { previous_tran_ref: _, ...rest } = row(entry) as ReturnType<typeof row> & {
    previous_tran_ref?: string;
  };
  return { ...rest, serviceId: 0 };
};

/** Body of a callback; snake_case owners, more in `payment_result`. */
export const noticeBody = (
  entry: LedgerEntry,
  { profile, ipnTrace }: { profile: SimulatorProfile; ipnTrace: string },
) => ({
  ...reference(entry),
  merchant_id: profile.merchantId,
  profile_id: profile.profileId,
  ...cart(entry),
  ...moved(entry),
  tran_type: entry.type,
  tran_class: 'ECom',
  ...(entry.customerRef === undefined ? {} : { customer_ref: entry.customerRef }),
  customer_details: entry.customer,
  payment_result: {
    ...result(entry),
    ...(entry.acquirerRef === undefined ? {} : { acquirer_ref: entry.acquirerRef }),
    cvv_result: ' ',
    avs_result: ' ',
    transaction_time: isoSeconds(entry.actedAt ?? entry.createdAt),
  },
  payment_info: paymentInfo(entry),
  ...(entry.userDefined === undefined ? {} : { user_defined: entry.userDefined }),
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
  token: '',
  tranRef: entry.tranRef,
});
