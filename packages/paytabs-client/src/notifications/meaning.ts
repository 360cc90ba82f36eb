import { isKnownRefusal } from '../gateway/known-refusals.js';

/** What a notice can be about. `paid` is never among them: only a query's answer says so. */
export type NotificationKind =
  /** Says that money was taken. Ask the gateway before believing it. */
  | 'reportedPaid'
  /** An amount is held (or a hold was extended); nothing was taken. */
  | 'authorised'
  /** Held by risk screening; somebody must look at it in the dashboard. */
  | 'held'
  /** Waits for the customer to pay elsewhere. */
  | 'pending'
  | 'declined'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'voided'
  | 'refunded'
  /** A refund that waits for approval. Do not send it again. */
  | 'refundPending'
  /** Money was taken from a hold. */
  | 'captured'
  | 'released'
  | 'cardRegistered'
  /** A letter, type or end this version does not know: neither paid nor failed. */
  | 'unknown';

/** What the gateway's own answer to a query can mean. */
export type MeaningKind = Exclude<NotificationKind, 'reportedPaid'> | 'paid';

/** What a transaction amounts to. */
export interface TransactionMeaning {
  readonly kind: MeaningKind;
  /**
   * It acts on an earlier transaction: a refund, a capture, a void, the settling of a deferred payment, a token
   * charge. Its end says nothing about the order as a whole: a failed refund is not a failed payment.
   */
  readonly followUp: boolean;
  /** Nothing more is to come under this reference. */
  readonly final: boolean;
}

/** What the rules look at. */
export interface Described {
  readonly type: string;
  readonly status: string;
  readonly responseCode: string;
  readonly previousTranRef?: string;
}

const followUpTypes = new Set(['capture', 'void', 'release', 'refund', 'authext']);

/** What status `A` means for each type. */
const authorisedAs: ReadonlyMap<string, MeaningKind> = new Map([
  ['sale', 'paid'],
  ['auth', 'authorised'],
  ['authext', 'authorised'],
  ['register', 'cardRegistered'],
  ['capture', 'captured'],
  ['void', 'voided'],
  ['release', 'released'],
  ['refund', 'refunded'],
]);

const byStatus: ReadonlyMap<string, MeaningKind> = new Map([
  ['H', 'held'],
  ['V', 'voided'],
  ['D', 'declined'],
  ['X', 'expired'],
  ['C', 'cancelled'],
]);

const isOpen = (kind: NotificationKind | 'paid'): boolean =>
  kind === 'held' || kind === 'pending' || kind === 'refundPending' || kind === 'unknown';

function kindOf({ type, status, responseCode }: Described): MeaningKind {
  if (status === 'A') return authorisedAs.get(type) ?? 'unknown';
  if (status === 'P') return type === 'refund' ? 'refundPending' : 'pending';
  // An error of any other kind, such as no answer of the bank, may have moved money.
  if (status === 'E') return isKnownRefusal(responseCode) ? 'failed' : 'unknown';
  return byStatus.get(status) ?? 'unknown';
}

/** What a notice amounts to: never `paid`. */
export type NoticeMeaning = Omit<TransactionMeaning, 'kind'> & { readonly kind: NotificationKind };

/**
 * Says what a transaction amounts to, by type and status together; neither alone is enough. `paid` is only as good
 * as its source, and says nothing of whose it is: code that acts takes a `ConfirmedPaid`, which the client's `confirm`
 * alone gives. Of a notice it says no more than the notice does: `reportedPaid`.
 */
export function describeTransaction(
  notice: Described & { readonly kind: NotificationKind },
): NoticeMeaning;
export function describeTransaction(transaction: Described): TransactionMeaning;
export function describeTransaction(
  transaction: Described & { readonly kind?: NotificationKind },
): NoticeMeaning | TransactionMeaning {
  const found = kindOf(transaction);
  // A notice has been described before; nobody has asked the gateway.
  const kind = found === 'paid' && transaction.kind !== undefined ? 'reportedPaid' : found;
  const followUp = transaction.previousTranRef !== undefined || followUpTypes.has(transaction.type);
  return { kind, followUp, final: !isOpen(kind) };
}
