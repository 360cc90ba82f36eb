import { isKnownRefusal } from '../gateway/known-refusals.js';
import type { Transaction } from '../gateway/transaction.js';
import { sameMoney } from '../money/money.js';
import { redactText } from '../redact.js';
import type { DisputeReason, IntentSubject, SeenTransaction } from './intent.js';

/** A transaction as a query tells it. */
export type Row = Pick<
  Transaction,
  | 'tranRef'
  | 'previousTranRef'
  | 'type'
  | 'originalType'
  | 'cartId'
  | 'cartAmount'
  | 'total'
  | 'status'
  | 'responseCode'
  | 'time'
>;

/** What the rows of a cart say about an intent. */
export type Finding =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'found'; readonly row: Row; readonly standing: Standing }
  | {
      readonly kind: 'conflict';
      readonly reason: DisputeReason;
      readonly tranRefs: readonly string[];
    };

/**
 * What a row amounts to: money was taken, held or moved (`money`), may yet be (`open`), nobody knows (`doubt`), or
 * nothing was done (`none`).
 */
export type Standing = 'money' | 'open' | 'doubt' | 'none';

/** What else a request may have been carried out as. */
const carriedOutAs: Readonly<Record<string, readonly string[]>> = {
  // Held instead of taken; a deferred method; a hold that somebody released in the dashboard.
  sale: ['sale', 'auth', 'payment request', 'capture'],
  auth: ['auth', 'payment request'],
  register: ['register', 'auth', 'sale'],
  capture: ['capture', 'sale'],
  void: ['void', 'release'],
  release: ['release', 'void'],
};

/** Whether a request of one type may be carried out as a transaction of the other. */
export const isCarriedOutAs = (asked: string, type: string): boolean =>
  (carriedOutAs[asked] ?? [asked]).includes(type);

/** Says what a transaction amounts to. A letter of tomorrow is doubt. */
export function standingOf(row: Pick<Row, 'status' | 'responseCode'>): Standing {
  switch (row.status) {
    case 'A':
      return 'money';
    case 'H':
    case 'P':
      return 'open';
    case 'E':
      return isKnownRefusal(row.responseCode) ? 'none' : 'doubt';
    case 'D':
    case 'C':
    case 'X':
    case 'V':
      return 'none';
    default:
      return 'doubt';
  }
}

const weight: Readonly<Record<Standing, number>> = { money: 3, open: 2, doubt: 1, none: 0 };

const conflict = (reason: DisputeReason, rows: readonly Row[]): Finding => ({
  kind: 'conflict',
  reason,
  tranRefs: rows.map(({ tranRef }) => tranRef),
});

interface JudgeOptions {
  readonly maxClockSkewMs: number;
  /** The transaction that the gateway has named in its answer, which no clock makes another. */
  readonly ownTranRef?: string | undefined;
}

/** What of a row does not fit the intent. */
function misfit(
  row: Row,
  subject: IntentSubject,
  { maxClockSkewMs, ownTranRef }: JudgeOptions,
): DisputeReason | undefined {
  const { amount, begunAt, targetTranRef } = subject;
  // What a released hold takes is its own amount.
  const isReleasedHold = subject.type === 'sale' && row.type === 'capture';
  if (!isReleasedHold && !sameMoney(row.cartAmount, amount)) return 'otherAmount';
  const isOwn = row.tranRef === ownTranRef;
  if (!isOwn && row.time !== undefined && row.time.getTime() < begunAt.getTime() - maxClockSkewMs) {
    return 'older';
  }
  const isFollowUp = targetTranRef !== undefined;
  if (isFollowUp && row.previousTranRef !== undefined && row.previousTranRef !== targetTranRef) {
    return 'otherParent';
  }
  return undefined;
}

/**
 * Reads all rows of the intent's cart, newest first. Rows of other types, such as a refund that somebody made in the
 * dashboard under the same reference, say nothing about it.
 */
export function judgeRows(
  rows: readonly Row[],
  subject: IntentSubject,
  options: JudgeOptions,
): Finding {
  const related = rows.filter(
    (row) => row.cartId === subject.cartId && isCarriedOutAs(subject.type, row.type),
  );
  for (const row of related) {
    const reason = misfit(row, subject, options);
    // Something that did nothing proves nothing, whatever it was.
    if (reason !== undefined && standingOf(row) !== 'none') return conflict(reason, [row]);
  }
  const fitting = related.filter((row) => misfit(row, subject, options) === undefined);
  const taken = withoutCaptured(fitting.filter((row) => standingOf(row) === 'money'));
  if (taken.length > 1) return conflict('twice', taken);
  let best = taken[0];
  for (const row of fitting) {
    if (best === undefined || weight[standingOf(row)] > weight[standingOf(best)]) best = row;
  }
  if (best === undefined) return { kind: 'nothing' };
  return { kind: 'found', row: best, standing: standingOf(best) };
}

/** A hold of which money was taken is no money of its own. */
function withoutCaptured(taken: readonly Row[]): readonly Row[] {
  const isCaptured = taken.some(({ type }) => type === 'capture');
  return isCaptured ? taken.filter(({ type }) => type !== 'auth') : taken;
}

/** What is worth remembering of a row. */
export const seenOf = (row: Row): SeenTransaction => ({
  tranRef: row.tranRef,
  ...(row.previousTranRef === undefined ? {} : { previousTranRef: row.previousTranRef }),
  // Words of the gateway; should one be something else, it is not kept.
  type: redactText(row.type, 40),
  status: redactText(row.status, 40),
  responseCode: redactText(row.responseCode, 40),
  total: row.total,
});
