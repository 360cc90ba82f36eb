import { type Currency, money } from '../../src/index.js';
import type { BankBehaviour, BankQuestion, Fault, FaultQuestion } from '../../src/testing/index.js';
import { choose, shareOf } from './share-of.js';

/** What a shop does about one order. Follow-ups come when the first is paid, or held. */
export type OrderKind = 'token' | 'page' | 'refund' | 'capture' | 'void';

/** What a shopper does on his page. */
export type OnPage = 'pays' | 'cancels' | 'leaves';

/** One order, all of it decided by the seed. */
export interface Order {
  readonly number: number;
  readonly kind: OrderKind;
  readonly minor: number;
  readonly currency: Currency;
  readonly onPage: OnPage;
  /** Somebody else has used its first reference, with another amount. */
  readonly isUsedElsewhere: boolean;
}

const currencies: readonly Currency[] = ['AED', 'SAR', 'KWD', 'JPY'];

export function orderOf(seed: number, number: number): Order {
  const share = (what: string) => shareOf(seed, number, what);
  const kinds = [
    [0.5, 'token'],
    [0.25, 'page'],
    [0.1, 'refund'],
    [0.1, 'capture'],
    [0.05, 'void'],
  ] as const;
  return {
    number,
    kind: choose(share('kind'), kinds) ?? 'token',
    minor: 100 + Math.floor(share('amount') * 500_000),
    currency: currencies[Math.floor(share('currency') * currencies.length)] as Currency,
    onPage:
      choose(share('page'), [
        [0.9, 'pays'],
        [0.07, 'cancels'],
        [0.03, 'leaves'],
      ] as const) ?? 'pays',
    isUsedElsewhere: share('elsewhere') < 0.01,
  };
}

export const amountOf = ({ minor, currency }: Pick<Order, 'minor' | 'currency'>) =>
  money(minor, currency);

/** References say which order they are of: `c17.2` is its second charge, `f17.1` its first follow-up. */
export const cartIdOf = (order: number, leg: 'c' | 'f', attempt: number): string =>
  `${leg}${order}.${attempt}`;

const faults: readonly (readonly [number, Fault])[] = [
  [0.015, { kind: 'hang' }],
  [0.01, { kind: 'hang', when: 'before' }],
  [0.015, { kind: 'reset' }],
  [0.01, { kind: 'reset', when: 'before' }],
  [0.005, { kind: 'resetMidReply' }],
  [0.005, { kind: 'truncatedJson' }],
  [0.003, { kind: 'invalidJson' }],
  [0.005, { kind: 'html' }],
  [0.005, { kind: 'html', status: 500, when: 'before' }],
  [0.003, { kind: 'tooMany', retryAfterSeconds: 1 }],
  [0.01, { kind: 'slow', delayMs: 5_000 }],
  [0.002, { kind: 'alter', remove: ['tran_ref'] }],
];

/** What goes wrong with a request. Each reference is sent once, so its name decides; a question is asked often. */
export function faultRule(seed: number): (question: FaultQuestion) => Fault | undefined {
  let questions = 0;
  const usedElsewhere = new Set<string>();
  return ({ route, body }) => {
    if (body === undefined) return undefined;
    const cartId = typeof body.cart_id === 'string' ? body.cart_id : '';
    if (cartId.startsWith('x')) return undefined;
    const number = Number(/^c(\d+)\.1$/.exec(cartId)?.[1] ?? 0);
    if (route === 'request' && number > 0 && orderOf(seed, number).isUsedElsewhere) {
      // The other's goes through; ours is lost, and what is found then is not ours.
      if (usedElsewhere.has(cartId)) return { kind: 'hang', when: 'before' };
      usedElsewhere.add(cartId);
      return undefined;
    }
    questions += 1;
    const share = route === 'request' ? shareOf(seed, cartId, 'fault') : shareOf(seed, questions);
    // Questions fail less often, or nothing would be learned in time.
    return choose(route === 'request' ? share : share * 3, faults);
  };
}

/** How the bank takes a request. */
export const bankRule =
  (seed: number) =>
  ({ cartId, action }: BankQuestion): BankBehaviour | undefined => {
    if (cartId.startsWith('x')) return undefined;
    const declined = { kind: 'decline', code: '316', message: 'Insufficient funds' } as const;
    return choose<BankBehaviour>(shareOf(seed, cartId, action), [
      [0.05, declined],
      [0.01, { kind: 'late', afterMs: 20_000 }],
      [0.005, { kind: 'late', afterMs: 20_000, decision: declined }],
    ]);
  };
