import { PayTabsError } from '../errors.js';
import { isKnownRefusal } from '../gateway/known-refusals.js';
import type { HostedPage, Transaction } from '../gateway/transaction.js';
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
  asked: { cartId: string; tranRef: string; amount: Money },
): Transaction {
  const { cartId } = asked;
  if (answer.shape !== 'completed') throw unknown('the answer is no transaction', { cartId });
  const { transaction } = answer;
  const about = { cartId, tranRef: transaction.tranRef };
  const got = { cartId: transaction.cartId, amount: transaction.cartAmount };
  const wrong = mismatch(asked, got);
  if (wrong !== undefined) throw unknown(wrong, about);
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
    answer.shape === 'rows' ? answer.transactions : [answer.transaction];
  if (transaction === undefined || more.length > 0 || transaction.tranRef !== tranRef) {
    throw unexpected('it is not about the transaction asked for', { tranRef });
  }
  return transaction;
}

/** @throws PayTabsError UNEXPECTED_REPLY */
export function readCart(answer: Answer, { cartId }: { cartId: string }): readonly Transaction[] {
  if (answer.shape === 'redirect') return [];
  const transactions = answer.shape === 'rows' ? answer.transactions : [answer.transaction];
  if (transactions.some((transaction) => transaction.cartId !== cartId)) {
    throw unexpected('it is about another cart', { cartId });
  }
  return transactions;
}
