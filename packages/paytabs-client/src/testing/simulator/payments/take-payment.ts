import { type Money, money } from '../../../money/money.js';
import { maskCard, schemeOf } from '../bank/cards.js';
import type { BankAnswer, BankRequest, PresentedCard } from '../bank/issuer.js';
import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import type { Discount, Terms } from './terms.js';

/** How somebody pays. */
export interface Means {
  readonly card: PresentedCard;
  readonly method?: NonNullable<LedgerEntry['method']>;
  /** What the cardholder answered to the bank; absent: he was not asked yet. */
  readonly challenge?: 'passed' | 'failed';
  /** No cardholder is there to be asked. */
  readonly unattended?: boolean;
  /** Whether the customer wants the card kept; counts when he is asked. */
  readonly save?: boolean;
  /** Chosen by the customer: a donation, or the amount in another currency. */
  readonly amount?: Money;
}

type Situation = { readonly means: Means; readonly terms: Terms; readonly gateway: Gateway };

/** Takes a new payment to its end, or says that the bank wants to ask the cardholder first. */
export function takePayment(entry: LedgerEntry, situation: Situation): LedgerEntry | 'challenge' {
  const { means, terms, gateway } = situation;
  const { card, challenge } = means;
  const seen = { ...entry, ...appearance(means), ...totals(entry, situation) };
  const decline = (responseCode: string, responseMessage: string) =>
    gateway.conclude(seen, { status: 'D', responseCode, responseMessage });
  if (!passesFilter(card.number, terms.cardFilter)) {
    return decline('354', terms.cardFilterTitle ?? 'Card not approved by merchant');
  }
  const request: BankRequest = {
    action: entry.type === 'Sale' ? 'charge' : 'hold',
    tranRef: entry.tranRef,
    cartId: entry.cartId,
    amount: seen.total,
    account: entry.account,
    card: maskCard(card.number),
    presented: card,
  };
  const mayAsk = challenge === undefined && means.unattended !== true;
  if (mayAsk && gateway.issuer.wantsChallenge(request)) return 'challenge';
  if (challenge === 'failed') return decline('310', '3DSecure authentication rejected');
  const onHold = entry.type === 'Sale' && gateway.risk.takesHold();
  const answer = gateway.issuer.ask(onHold ? { ...request, action: 'hold' } : request, {
    challenged: challenge === 'passed',
  });
  const finish = (current: LedgerEntry) =>
    answer.approved
      ? approve(current, { request, answer, onHold }, situation)
      : gateway.conclude(current, {
          status: 'D',
          responseCode: answer.code,
          responseMessage: answer.message,
        });
  return gateway.hear(seen, answer, finish);
}

function approve(
  entry: LedgerEntry,
  bank: { request: BankRequest; answer: BankAnswer; onHold: boolean },
  { means, terms, gateway }: Situation,
): LedgerEntry {
  const { onHold, answer } = bank;
  const keeps = terms.tokenForm !== undefined && (!terms.askToSave || means.save === true);
  const token =
    keeps && !onHold ? gateway.vault.keep(entry, { ...means, form: terms.tokenForm }) : undefined;
  // A registration is undone at once.
  if (entry.type === 'Register') gateway.issuer.ask({ ...bank.request, action: 'reversal' });
  return gateway.conclude(
    {
      ...entry,
      ...(token === undefined ? {} : { token }),
      ...(onHold ? { type: 'Auth' as const, originalType: 'Sale' as const } : {}),
      ...(terms.agreement ? { agreementId: gateway.agreements.open(entry) } : {}),
    },
    {
      status: onHold ? 'H' : 'A',
      responseCode: answer.code,
      responseMessage: answer.message,
    },
  );
}

const appearance = ({ card, method, challenge, unattended }: Means): Partial<LedgerEntry> => ({
  card: {
    masked: maskCard(card.number),
    scheme: method?.scheme ?? schemeOf(card.number),
    expiryMonth: card.expiryMonth,
    expiryYear: card.expiryYear,
  },
  ...(method === undefined ? {} : { method }),
  ...(unattended ? {} : { threeDs: challenge ?? 'none' }),
});

const passesFilter = (number: string, filter: readonly string[]): boolean =>
  filter.length === 0 || filter.some((beginning) => number.startsWith(beginning));

function totals(entry: LedgerEntry, { means, terms }: Situation): Pick<LedgerEntry, 'total'> {
  const total = means.amount ?? entry.total;
  const discount = terms.discounts.find(({ cards }) =>
    cards.some((beginning) => means.card.number.startsWith(beginning)),
  );
  // A fixed discount is one in the currency of the cart.
  const applies =
    discount !== undefined &&
    ('basisPoints' in discount.off || total.currency === entry.total.currency);
  return { total: applies ? discounted(total, discount) : total };
}

function discounted({ minor, currency }: Money, { off }: Discount): Money {
  const saved = 'minor' in off ? off.minor : (minor * off.basisPoints) / 10_000n;
  // A payment of nothing is none.
  return money(saved < minor ? minor - saved : minor, currency);
}
