import type { ObjectId } from 'mongodb';
import type { StoredMoney } from '../platform/money.js';
import type { CollectionSpec } from '../platform/mongo/schema.js';
import type { PaymentStatus } from './payment.machine.js';

/**
 * Where one try stands:
 * - `requesting`: its page is being asked for, or the server died while it was;
 * - `unknown`: the request was sent and nobody knows whether it arrived;
 * - `open`: the client has the page;
 * - `ended`: see `end`.
 */
export type AttemptState = 'requesting' | 'unknown' | 'open' | 'ended';

/** How a try ended. `notSent`: nothing reached the gateway; `superseded`: given up for a new one. */
export type AttemptEnd =
  | 'paid'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'refused'
  | 'notSent'
  | 'superseded';

/** One try to have a payment paid, with a reference of its own at the gateway. */
export interface Attempt {
  /** From 1. */
  number: number;
  /** `<paymentId>.<number>`: what the gateway calls the cart. */
  cartId: string;
  /** `Idempotency-Key`s of the calls that were answered with this try: one key, one try. */
  keys?: string[];
  state: AttemptState;
  end?: AttemptEnd;
  startedAt: Date;
  endedAt?: Date;
  tranRef?: string;
  redirectUrl?: string;
  /** `<reason>:<transaction>` of what a person was told about this try: each is told once. */
  alerted?: string[];
  /** Transactions of this try whose money went back at the gateway. */
  undone?: string[];
  /** Since then each answer of the gateway has left its end open. */
  undecidedSince?: Date;
  /** After this the page takes no payment. */
  pageExpiresAt?: Date;
  /**
   * When the gateway is asked about this try next without anybody having called. A try that is over
   * goes on being asked about for days: its page may have taken money that no notice told of.
   */
  nextCheckAt?: Date;
}

export interface HistoryEntry {
  from?: PaymentStatus;
  to: PaymentStatus;
  at: Date;
  /** Why, in a word the code chose: never text from the gateway. */
  reason: string;
}

export interface PaymentDocument {
  _id: ObjectId;
  v: 1;
  /** Rises with each write; a writer that saw an older one must look again. */
  version: number;
  contractId: ObjectId;
  clientId: ObjectId;
  employeeId: ObjectId;
  title: string;
  amount: StoredMoney;
  status: PaymentStatus;
  attempts: Attempt[];
  history: HistoryEntry[];
  /** The transaction that paid it. */
  tranRef?: string;
  paidAt?: Date;
  /** The earliest `nextCheckAt` of its tries. */
  nextCheckAt?: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const paymentCollection: CollectionSpec = {
  name: 'payments',
  indexes: [
    { key: { clientId: 1, _id: -1 } },
    { key: { employeeId: 1, _id: -1 } },
    { key: { contractId: 1, _id: 1 } },
    {
      key: { 'attempts.cartId': 1 },
      unique: true,
      partialFilterExpression: { 'attempts.cartId': { $exists: true } },
    },
    {
      key: { nextCheckAt: 1 },
      partialFilterExpression: { nextCheckAt: { $exists: true } },
    },
  ],
};

/** The last try: the only one whose end moves the payment, unless it is `paid`. */
export const currentAttempt = (payment: PaymentDocument): Attempt | undefined =>
  payment.attempts.at(-1);

/** The try that the payment is processing now, if it is. */
export const runningAttempt = (payment: PaymentDocument): Attempt | undefined =>
  payment.status === 'processing' ? currentAttempt(payment) : undefined;
