import { PayTabsError } from '../errors.js';
import type { CartTransactions, Transaction, UnreadableRow } from '../gateway/transaction.js';
import { type AmountRange, fitsAmount } from '../intents/amount-range.js';
import type { UnknownReason } from '../intents/intent.js';
import { isCarriedOutAs, standingOf } from '../intents/judge-rows.js';
import { formatMajor, type Money } from '../money/money.js';
import { redactText } from '../redact.js';
import type { Answer } from './gateway-caller.js';
import { adviceFor } from './reply-error.js';
import type { Reading } from './writes.js';

const unclear = (
  why: string,
  { tranRef, reason = 'unclearAnswer' }: { tranRef?: string; reason?: UnknownReason } = {},
): Reading => ({ kind: 'unclear', why, reason, tranRef });

/** What of an answer is not as it was asked for. */
function mismatch(
  asked: Pick<Asked, 'cartId' | 'amount' | 'amountRange'>,
  got: { cartId: string; amount: Money },
): string | undefined {
  if (got.cartId !== asked.cartId) return 'the answer is about another cart';
  if (fitsAmount(asked, got.amount)) return undefined;
  return `the answer is about ${formatMajor(got.amount)} ${got.amount.currency}`;
}

/** What was asked for, as far as an answer must be about it. */
export interface Asked {
  readonly profileId: number;
  readonly cartId: string;
  readonly amount: Money;
  /** The shopper may choose between these. */
  readonly amountRange?: AmountRange | undefined;
  /** The gateway's word for the request. */
  readonly type: string;
  /** The transaction a follow-up acts on. */
  readonly targetTranRef?: string | undefined;
}

/** Reads the answer to a request that opens a page. */
export function readPage(answer: Answer, asked: Asked): Reading {
  if (answer.shape !== 'redirect') {
    const tranRef = answer.shape === 'completed' ? answer.transaction.tranRef : undefined;
    return unclear('the answer is not a page', tranRef === undefined ? {} : { tranRef });
  }
  const { page, cartAmount } = answer;
  const wrong = mismatch(asked, { cartId: page.cartId, amount: cartAmount });
  return wrong === undefined ? { kind: 'page', page } : unclear(wrong, { tranRef: page.tranRef });
}

/** Reads the answer to a request that is carried out at once. */
export function readCompleted(answer: Answer, asked: Asked): Reading {
  if (answer.shape !== 'completed') return unclear('the answer is no transaction');
  const { transaction } = answer;
  const { tranRef } = transaction;
  const wrong = notAbout(transaction, asked);
  if (wrong !== undefined) return unclear(wrong, { tranRef });
  if (standingOf(transaction) !== 'doubt') return { kind: 'completed', transaction };
  const { status, responseCode } = transaction;
  const said = redactText(`status ${status}, code ${responseCode}`, 80);
  return unclear(said, { tranRef, reason: 'bankSilent' });
}

/** Reads the answer to a charge: carried out at once, or after the shopper has been on a page. */
export const readCharge = (answer: Answer, asked: Asked): Reading =>
  answer.shape === 'redirect' ? readPage(answer, asked) : readCompleted(answer, asked);

function notAbout(transaction: Transaction, asked: Asked): string | undefined {
  const { cartId, cartAmount, total, type, profileId, previousTranRef } = transaction;
  const { targetTranRef } = asked;
  const isFollowUp = targetTranRef !== undefined;
  const wrong =
    mismatch(asked, { cartId, amount: cartAmount }) ??
    // A discount lowers what a payment moves; a follow-up moves what it says.
    (isFollowUp ? mismatch(asked, { cartId, amount: total }) : undefined);
  if (wrong !== undefined) return wrong;
  if (!isCarriedOutAs(asked.type, type)) return `the answer is about no ${asked.type}`;
  if ((profileId ?? asked.profileId) !== asked.profileId) {
    return 'the answer is about another profile';
  }
  const isOther = previousTranRef !== undefined && previousTranRef !== targetTranRef;
  return isFollowUp && isOther ? 'the answer is about another transaction' : undefined;
}

const unexpected = (why: string, about: { cartId?: string; tranRef?: string }) =>
  new PayTabsError('UNEXPECTED_REPLY', `${adviceFor('UNEXPECTED_REPLY')} (${why})`, about);

/** @throws PayTabsError UNEXPECTED_REPLY, or NOT_FOUND while nobody has acted on the page */
export function readQueried(answer: Answer, { tranRef }: { tranRef: string }): Transaction {
  if (answer.shape === 'redirect') {
    throw new PayTabsError('NOT_FOUND', adviceFor('NOT_FOUND'), { tranRef });
  }
  const [transaction, ...more] =
    answer.shape === 'rows' ? [...answer.transactions, ...answer.unreadable] : [answer.transaction];
  if (
    transaction === undefined ||
    more.length > 0 ||
    !('status' in transaction) ||
    transaction.tranRef !== tranRef
  ) {
    throw unexpected('it is not about the transaction asked for', { tranRef });
  }
  return transaction;
}

/** Letters of a transaction that moved money, holds it, or may yet do so. */
const money = new Set(['A', 'H', 'P']);

const withUnreadable = (
  transactions: readonly Transaction[],
  unreadable: readonly UnreadableRow[],
): CartTransactions =>
  // Not enumerable, so that the list is a list for whoever compares, prints or stores it.
  Object.freeze(
    Object.defineProperty([...transactions], 'unreadable', { value: Object.freeze(unreadable) }),
  ) as unknown as CartTransactions;

/** Nobody has tried yet. */
export const emptyCart = withUnreadable([], []);

/**
 * A list without money, in which a row could not be read, is refused: that row may be the one that took it.
 * @throws PayTabsError UNEXPECTED_REPLY
 */
export function readCart(answer: Answer, { cartId }: { cartId: string }): CartTransactions {
  if (answer.shape === 'redirect') return emptyCart;
  const { transactions, unreadable } =
    answer.shape === 'rows' ? answer : { transactions: [answer.transaction], unreadable: [] };
  if (unreadable.length > 0 && !transactions.some(({ status }) => money.has(status))) {
    const rows = unreadable.map(({ tranRef = 'no reference', why }) => `${tranRef}: ${why}`);
    throw unexpected(`rows that could not be read: ${rows.join('; ')}`, { cartId });
  }
  if (transactions.some((transaction) => transaction.cartId !== cartId)) {
    throw unexpected('it is about another cart', { cartId });
  }
  return withUnreadable(transactions, unreadable);
}
