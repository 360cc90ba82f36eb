import { describeTransaction, type MeaningKind, type Transaction } from '@nestcms/paytabs-client';

/*
 * What all transactions of one cart come to together. A question by cart does not tell which
 * transaction a later one acts on, so without a parent a later one is taken to act on what the cart
 * has; each try has a cart of its own.
 */

const TAKES_MONEY: ReadonlySet<MeaningKind> = new Set(['paid', 'captured']);

/** What gives money back, or lets it go. */
const GIVES_BACK: ReadonlySet<MeaningKind> = new Set(['refunded', 'voided', 'released']);

/** What ends a hold, or the wait for a deferred payment. A capture or a refund that fails does not. */
const SETTLES: ReadonlySet<MeaningKind> = new Set([...TAKES_MONEY, ...GIVES_BACK, 'expired']);

const kindOf = (transaction: Transaction): MeaningKind => describeTransaction(transaction).kind;

const actsOn = (later: Transaction, transaction: Transaction): boolean =>
  later !== transaction &&
  (later.previousTranRef === undefined || later.previousTranRef === transaction.tranRef);

/**
 * Those that took money of which all went back. Where several took money and it is not said which
 * one a refund is of, none of them counts as undone.
 *
 * @returns their references
 */
export function undoneAmong(transactions: readonly Transaction[]): ReadonlySet<string> {
  const taken = transactions.filter((one) => TAKES_MONEY.has(kindOf(one)));
  const back = transactions.filter((one) => GIVES_BACK.has(kindOf(one)));
  const isUndone = (one: Transaction): boolean => {
    const parts = back.filter(
      (later) => actsOn(later, one) && (later.previousTranRef !== undefined || taken.length === 1),
    );
    const sum = parts.reduce((total, { total: part }) => total + part.minor, 0n);
    return parts.length > 0 && sum >= one.total.minor;
  };
  return new Set(taken.filter(isUndone).map(({ tranRef }) => tranRef));
}

/** The gateway has not said its last word of this one: money is held or awaited, or nobody knows where it is. */
export function isOpen(transaction: Transaction, all: readonly Transaction[]): boolean {
  const { kind, final } = describeTransaction(transaction);
  const holds = !final || kind === 'authorised';
  return holds && !all.some((later) => actsOn(later, transaction) && SETTLES.has(kindOf(later)));
}

/** Money that the books were not let have, and that is still where it went. */
export const isWithheld = (transaction: Transaction, undone: ReadonlySet<string>): boolean =>
  TAKES_MONEY.has(kindOf(transaction)) && !undone.has(transaction.tranRef);
