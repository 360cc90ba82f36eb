import type { NotificationKind } from '../../notifications/meaning.js';
import type { LedgerEntry } from '../../testing/simulator/books/ledger.js';

/** What the transaction behind a notice is. */
export interface KindSpec {
  readonly type: LedgerEntry['type'];
  readonly status: NonNullable<LedgerEntry['status']>;
  /** Code and text of the end; absent: approved by a bank, with a code of its own. */
  readonly end?: readonly [code: string, message: string];
  /** How it was paid; default by card. */
  readonly means?: 'agent' | 'none';
  /** It acts on an earlier transaction, so no browser comes back from it. */
  readonly followUp?: true;
  /** It keeps the card. */
  readonly token?: true;
}

/** One transaction for each thing that a notice can be about. */
export const kinds: Readonly<Record<NotificationKind, KindSpec>> = {
  reportedPaid: { type: 'Sale', status: 'A' },
  authorised: { type: 'Auth', status: 'A' },
  held: { type: 'Auth', status: 'H' },
  pending: { type: 'Payment Request', status: 'P', means: 'agent' },
  declined: { type: 'Sale', status: 'D', end: ['305', 'Card security code (CVV) mismatch'] },
  failed: { type: 'Sale', status: 'E', end: ['206', 'Invalid currency code'] },
  cancelled: { type: 'Sale', status: 'C', end: ['321', 'Cancelled'], means: 'none' },
  expired: { type: 'Sale', status: 'X', end: ['355', 'Transaction expired'], means: 'none' },
  voided: { type: 'Void', status: 'A', followUp: true },
  refunded: { type: 'Refund', status: 'A', followUp: true },
  refundPending: { type: 'Refund', status: 'P', end: ['600', 'Pending'], followUp: true },
  captured: { type: 'Capture', status: 'A', followUp: true },
  released: { type: 'Release', status: 'A', followUp: true },
  cardRegistered: { type: 'Register', status: 'A', token: true },
  unknown: { type: 'Sale', status: 'E', end: ['401', 'No response'] },
};
