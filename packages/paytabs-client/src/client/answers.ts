import { PayTabsError } from '../errors.js';
import { isKnownRefusal } from '../gateway/known-refusals.js';
import type {
  CartTransactions,
  HostedPage,
  Transaction,
  UnreadableRow,
} from '../gateway/transaction.js';
import { formatMajor, type Money, sameMoney } from '../money/money.js';
import type { Answer } from './gateway-caller.js';
import { adviceFor } from './reply-error.js';

const unknown = (why: string, about: { cartId: string; tranRef?: string | undefined }) =>
  new PayTabsError('OUTCOME_UNKNOWN', `${adviceFor('OUTCOME_UNKNOWN')} (${why})`, about);

const mismatch = (
  asked: { cartId: string; amount: Money },
  got: { cartId: string; amount: Money },
): string | undefined => {
  if (got.cartId !== asked.cartId) return 'the answer is about another cart';
  if (sameMoney(got.amount, asked.amount)) return undefined;
  return `the answer is about ${formatMajor(got.amount)} ${got.amount.currency}`;
};

/** @throws PayTabsError OUTCOME_UNKNOWN when the answer is no page for this request */
export function readHostedPage(
  answer: Answer,
  asked: { cartId: string; amount: Money },
): HostedPage {
  const { cartId } = asked;
  if (answer.shape === 'redirect') {
    const { page, cartAmount } = answer;
    const wrong = mismatch(asked, { cartId: page.cartId, amount: cartAmount });
    if (wrong === undefined) return page;
    throw unknown(wrong, { cartId, tranRef: page.tranRef });
  }
  const tranRef = answer.shape === 'completed' ? answer.transaction.tranRef : undefined;
  throw unknown('the answer is not a page', { cartId, tranRef });
}

/** @throws PayTabsError OUTCOME_UNKNOWN when the answer is not this refund, or leaves its end open */
export function readRefund(
  answer: Answer,
  asked: { profileId: number; cartId: string; tranRef: string; amount: Money },
): Transaction {
  const { cartId, profileId } = asked;
  if (answer.shape !== 'completed') throw unknown('the answer is no transaction', { cartId });
  const { transaction } = answer;
  const about = { cartId, tranRef: transaction.tranRef };
  const got = { cartId: transaction.cartId, amount: transaction.cartAmount };
  const wrong = mismatch(asked, got) ?? mismatch(asked, { ...got, amount: transaction.total });
  if (wrong !== undefined) throw unknown(wrong, about);
  if (transaction.type !== 'refund') throw unknown('the answer is about no refund', about);
  if ((transaction.profileId ?? profileId) !== profileId) {
    throw unknown('the answer is about another profile', about);
  }
  if (transaction.previousTranRef !== undefined && transaction.previousTranRef !== asked.tranRef) {
    throw unknown('the answer is about another transaction', about);
  }
  if (transaction.status === 'E' && !isKnownRefusal(transaction.responseCode)) {
    throw unknown(`code ${transaction.responseCode}`, about);
  }
  return transaction;
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
