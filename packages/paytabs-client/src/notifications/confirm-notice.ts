import { isPayTabsError } from '../errors.js';
import type { Transaction } from '../gateway/transaction.js';
import { checkBinding, type Expected, type Mismatch } from './check-binding.js';
import { effectKey } from './effect-key.js';
import { describeTransaction, type MeaningKind, type TransactionMeaning } from './meaning.js';
import type { PayTabsNotification } from './read-notification.js';

/** Given by {@link confirmNotice} alone, so that nothing else passes for what was compared and asked for. */
declare const bound: unique symbol;

/**
 * A transaction that the gateway has confirmed, and that is the one the own books expect. Let code that acts take this
 * type: no notice, no transaction and no object of your own has it.
 */
export type Confirmed = {
  readonly [Kind in MeaningKind]: Omit<TransactionMeaning, 'kind'> & {
    readonly [bound]: true;
    readonly confirmed: true;
    readonly kind: Kind;
    readonly transaction: Transaction;
    /** Of what the gateway said, which may be newer than the notice. See {@link effectKey}. */
    readonly effectKey: string;
  };
}[MeaningKind];

/** Money was taken for what the own books expect. */
export type ConfirmedPaid = Extract<Confirmed, { readonly kind: 'paid' }>;

/** A notice that must not be acted on. */
export type Unconfirmed =
  | {
      readonly confirmed: false;
      /** The notice, or the gateway's answer, is not what the own books expect. */
      readonly reason: 'notBound';
      readonly source: 'notice' | 'gateway';
      readonly mismatches: readonly [Mismatch, ...Mismatch[]];
    }
  /** The gateway knows no such transaction, or not yet. */
  | { readonly confirmed: false; readonly reason: 'notFound' };

export type Confirmation = Confirmed | Unconfirmed;

/** What of a notice is compared. */
export type NoticeClaim = Pick<
  PayTabsNotification,
  'tranRef' | 'profileId' | 'cartId' | 'cartAmount' | 'total' | 'previousTranRef'
>;

/**
 * Decides what a notice is worth: compares it with the own books, asks the gateway, and compares the answer. Act on the
 * answer alone.
 * Rejects with what `query` rejects with, but for NOT_FOUND.
 */
export async function confirmNotice(
  notice: NoticeClaim,
  expected: Expected,
  query: (tranRef: string) => Promise<Transaction>,
): Promise<Confirmation> {
  const claimed = checkBinding(notice, expected);
  if (!claimed.bound) return notBound('notice', claimed.mismatches);
  let transaction: Transaction;
  try {
    transaction = await query(notice.tranRef);
  } catch (error) {
    if (isPayTabsError(error, 'NOT_FOUND')) {
      return Object.freeze({ confirmed: false, reason: 'notFound' });
    }
    throw error;
  }
  const answered = checkBinding(transaction, expected);
  if (!answered.bound) return notBound('gateway', answered.mismatches);
  const meaning = describeTransaction(transaction);
  const key = effectKey({ ...transaction, profileId: expected.profileId });
  return Object.freeze({
    confirmed: true,
    ...meaning,
    transaction,
    effectKey: key,
  }) as object as Confirmed;
}

const notBound = (
  source: 'notice' | 'gateway',
  mismatches: readonly [Mismatch, ...Mismatch[]],
): Unconfirmed => Object.freeze({ confirmed: false, reason: 'notBound', source, mismatches });
