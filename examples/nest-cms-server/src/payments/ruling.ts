import {
  checkBinding,
  describeTransaction,
  type MeaningKind,
  type Mismatch,
  type Transaction,
} from '@nestcms/paytabs-client';
import { moneyFromBson } from '../platform/money.js';
import type { Attempt, PaymentDocument } from './payment.document.js';

/** What a transaction of the gateway does to a payment. */
export type Ruling =
  /** Its money pays the payment. */
  | { readonly kind: 'pay' }
  /** Its money came for a payment that another transaction had paid. */
  | { readonly kind: 'surplus' }
  /** The try is over without money. */
  | {
      readonly kind: 'end';
      readonly end: 'failed' | 'cancelled' | 'expired';
      readonly reason: string;
    }
  /** It is not the transaction this payment knows: nothing is believed. */
  | { readonly kind: 'refuse'; readonly mismatches: readonly Mismatch['field'][] }
  /** Only a person can bring it to an end. */
  | { readonly kind: 'alert'; readonly reason: 'heldByGateway' | 'undoneAtGateway' }
  /** Nothing to do, or not yet. */
  | { readonly kind: 'leave'; readonly reason: string };

export interface Case {
  readonly payment: PaymentDocument;
  /** As the gateway answered a query; or, before that, as a notice reports it. */
  readonly transaction: Pick<
    Transaction,
    | 'tranRef'
    | 'previousTranRef'
    | 'type'
    | 'cartId'
    | 'cartAmount'
    | 'total'
    | 'status'
    | 'responseCode'
    | 'profileId'
  >;
  readonly profileId: number;
  /** The journal holds this transaction. */
  readonly journaled: boolean;
  /** Its money was given back at the gateway. */
  readonly undone?: boolean;
}

/** Types that bring a payment about. A refund or a void is a thing of its own, whatever its status. */
const PAYING_TYPES: ReadonlySet<string> = new Set(['sale', 'payment request']);

/** A sale that risk screening had held is settled by a capture; one that fails leaves it held. */
const bringsPaymentAbout = (type: string, kind: MeaningKind): boolean =>
  PAYING_TYPES.has(type) || kind === 'captured';

/**
 * Profile, cart, amount and currency first, then what the gateway says, then what is known already.
 * The one place where it is decided that a payment is paid.
 */
export function ruleOn(about: Case): Ruling {
  const { payment, transaction, journaled } = about;
  const { kind } = describeTransaction(transaction);
  if (!bringsPaymentAbout(transaction.type, kind)) return ruleOnFollowUp(kind);
  const attempt = payment.attempts.find(({ cartId }) => cartId === transaction.cartId);
  const mismatches = attempt ? mismatchesOf(attempt, about) : (['cartId'] as const);
  if (mismatches.length > 0) return { kind: 'refuse', mismatches };
  if (journaled) return leave('known');

  switch (kind) {
    case 'paid':
    case 'captured':
      if (about.undone || attempt?.undone?.includes(transaction.tranRef))
        return end(attempt, 'failed', 'undoneAtGateway');
      return { kind: payment.status === 'paid' ? 'surplus' : 'pay' };
    case 'cancelled':
    case 'expired':
      return end(attempt, kind, kind);
    case 'declined':
    case 'failed':
    case 'voided':
      return end(attempt, 'failed', kind);
    case 'held':
      return { kind: 'alert', reason: 'heldByGateway' };
    default:
      return leave(kind);
  }
}

/**
 * Nothing of ours refunds, voids or releases; somebody at the gateway does, and the books do not
 * follow by themselves. A held sale comes as an `auth`, which neither ends by itself.
 */
function ruleOnFollowUp(kind: MeaningKind): Ruling {
  switch (kind) {
    case 'held':
      return { kind: 'alert', reason: 'heldByGateway' };
    case 'refunded':
    case 'voided':
    case 'released':
      return { kind: 'alert', reason: 'undoneAtGateway' };
    default:
      return leave('followUp');
  }
}

/** A deferred or held payment is settled by a second transaction, which must name the first as its parent. */
function mismatchesOf(attempt: Attempt, about: Case): readonly Mismatch['field'][] {
  const binding = checkBinding(about.transaction, {
    profileId: about.profileId,
    cartId: attempt.cartId,
    amount: moneyFromBson(about.payment.amount),
    previousTranRefs: attempt.tranRef === undefined ? [] : [attempt.tranRef],
  });
  return binding.bound ? [] : binding.mismatches.map(({ field }) => field);
}

function end(
  attempt: Attempt | undefined,
  to: 'failed' | 'cancelled' | 'expired',
  reason: string,
): Ruling {
  return attempt?.state === 'ended' ? leave('tryIsOver') : { kind: 'end', end: to, reason };
}

const leave = (reason: string): Ruling => ({ kind: 'leave', reason });
