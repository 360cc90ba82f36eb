import { describeTransaction, type Transaction } from '@nestcms/paytabs-client';

/** What gives money back, or lets it go. */
const GIVES_BACK: ReadonlySet<string> = new Set(['refunded', 'voided', 'released']);

/**
 * Of all transactions of a cart, those whose whole money went back.
 *
 * @returns their references
 */
export function undoneAmong(transactions: readonly Transaction[]): ReadonlySet<string> {
  const givenBack = new Map<string, bigint>();
  for (const transaction of transactions) {
    const { previousTranRef, total } = transaction;
    if (previousTranRef === undefined) continue;
    if (!GIVES_BACK.has(describeTransaction(transaction).kind)) continue;
    givenBack.set(previousTranRef, (givenBack.get(previousTranRef) ?? 0n) + total.minor);
  }
  const whole = transactions.filter(({ tranRef, total }) => {
    const back = givenBack.get(tranRef);
    return back !== undefined && back >= total.minor;
  });
  return new Set(whole.map(({ tranRef }) => tranRef));
}
