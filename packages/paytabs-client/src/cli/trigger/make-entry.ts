import type { Money } from '../../money/money.js';
import { maskCard, schemeOf, testCards } from '../../testing/simulator/bank/cards.js';
import type { LedgerEntry } from '../../testing/simulator/books/ledger.js';
import { deferredMethods } from '../../testing/simulator/payments/deferred.js';
import type { References } from '../../testing/simulator/references.js';
import type { KindSpec } from './kinds.js';

/** What is asked for; what is not given is made up. */
export interface EntryWish {
  readonly profileId: number;
  readonly cartId: string;
  readonly amount: Money;
  readonly tranRef?: string;
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
}

const customer = {
  name: 'Sara Haddad',
  email: 'sara@example.com',
  phone: '+971500000000',
  street1: '12 Palm St',
  city: 'Dubai',
  state: 'DU',
  country: 'AE',
  ip: '203.0.113.10',
};

/** A transaction as the simulator would have it in its books. */
export function makeEntry(spec: KindSpec, wish: EntryWish, references: References): LedgerEntry {
  const { cartId, amount, at, profileId } = wish;
  const earlier = spec.followUp ? { previousTranRef: references.tranRef() } : {};
  const { tranRef = references.tranRef() } = wish;
  return {
    tranRef,
    ...earlier,
    profileId,
    type: spec.type,
    transactionClass: 'ECom',
    cartId,
    description: 'Two tickets',
    cartAmount: amount,
    total: amount,
    status: spec.status,
    ...endOf(spec, references),
    createdAt: at,
    channel: spec.followUp ? 'Transaction API' : 'Payment Page',
    serviceId: spec.followUp ? 1 : 2,
    customer,
    account: tranRef,
    ...meansOf(spec),
    ...(spec.token ? { token: references.token(2) } : {}),
  };
}

type End = Pick<LedgerEntry, 'responseCode' | 'responseMessage' | 'acquirerRef'>;

function endOf({ end, means }: KindSpec, references: References): End {
  if (end !== undefined) return { responseCode: end[0], responseMessage: end[1] };
  // Whoever pays elsewhere gets a number, which is said twice.
  const number = references.digits(14);
  if (means === 'agent') {
    return { responseCode: number, responseMessage: 'Pending', acquirerRef: number };
  }
  const acquirerRef = references.acquirerRef();
  return { responseCode: references.approvalCode(), responseMessage: 'Authorised', acquirerRef };
}

function meansOf({ means }: KindSpec): Pick<LedgerEntry, 'card' | 'method'> {
  if (means === 'none') return {};
  const [agent] = deferredMethods;
  if (means === 'agent' && agent !== undefined) return { method: agent.method };
  const { number, expiryMonth, expiryYear } = testCards.visa;
  return { card: { masked: maskCard(number), scheme: schemeOf(number), expiryMonth, expiryYear } };
}
