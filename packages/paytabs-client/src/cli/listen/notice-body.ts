import { createHash } from 'node:crypto';
import type { Transaction } from '../../gateway/transaction.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that only a query's answer has. */
const onlyInQueries = new Set([
  'original_tran_type',
  'serviceId',
  'profileId',
  'merchantId',
  'trace',
]);

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** A change has the same mark however often it is told, as a redelivery of the simulator has. No node of the gateway is 0000. */
function ipnTraceOf({ tranRef, status, time }: Transaction): string {
  const seconds = Math.floor((time?.getTime() ?? 0) / 1000);
  const digest = createHash('sha256').update(`${tranRef} ${status}`).digest('hex');
  return `IPNS0000.${hex(seconds)}.${digest.slice(0, 8).toUpperCase()}`;
}

/**
 * The body of the callback that the gateway would have sent, from its answer to a query. What no query tells is as in
 * most captures (`tran_class`, `cvv_result`, `avs_result`), made up (`ipn_trace`), or left out.
 */
export function noticeBodyOf(transaction: Transaction, profileId: number): Fields {
  const { raw } = transaction;
  const shared = Object.entries(raw).filter(([name]) => !onlyInQueries.has(name));
  return {
    ...Object.fromEntries(shared),
    ...(raw.merchantId === undefined ? {} : { merchant_id: raw.merchantId }),
    profile_id: profileId,
    tran_class: 'ECom',
    payment_result: { cvv_result: ' ', avs_result: ' ', ...(raw.payment_result as Fields) },
    ipn_trace: ipnTraceOf(transaction),
  };
}
