import { addMoney, type Money, money, subtractMoney } from '../money/money.js';
import type { Transaction } from './transaction.js';

/** What can still be done to a transaction. */
export interface Balance {
  /** What may be given back of a sale or a capture. */
  readonly refundable: Money;
  /** What may be taken from a hold, or given up of it. */
  readonly capturable: Money;
}

type Moved = Pick<Transaction, 'tranRef' | 'previousTranRef' | 'type' | 'status' | 'total'>;

// Whether a sale can be voided is not published. What was voided is gone either way.
const givesBack = new Set(['refund', 'void', 'release']);
const takesFromHold = new Set(['capture', 'void', 'release']);

/**
 * What is left of a transaction by your own books, so that a follow-up is not refused with 118: its amount less what its
 * follow-ups took. What is pending (`P`) counts as taken, for it may yet be. Follow-ups of other transactions are passed over.
 * @throws PayTabsError INVALID_MONEY when a follow-up is in another currency
 */
export function balanceOf(transaction: Moved, followUps: readonly Moved[]): Balance {
  const { tranRef, type, status, total } = transaction;
  const none = money(0n, total.currency);
  const own = followUps.filter(
    (each) =>
      each.previousTranRef === tranRef &&
      each.tranRef !== tranRef &&
      (each.status === 'A' || each.status === 'P'),
  );
  const leftAfter = (takes: (type: string) => boolean): Money => {
    const taken = own
      .filter((each) => takes(each.type))
      .reduce((sum, each) => addMoney(sum, each.total), none);
    const left = subtractMoney(total, taken);
    return left.minor < 0n ? none : left;
  };
  const isTaken = status === 'A' && (type === 'sale' || type === 'capture');
  const isHeld = status === 'A' && type === 'auth';
  return Object.freeze({
    refundable: isTaken ? leftAfter((each) => givesBack.has(each)) : none,
    capturable: isHeld ? leftAfter((each) => takesFromHold.has(each)) : none,
  });
}
