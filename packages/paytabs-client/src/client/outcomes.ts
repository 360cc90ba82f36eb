import type { PayTabsError } from '../errors.js';
import type { HostedPage, Transaction } from '../gateway/transaction.js';
import type { UnknownReason } from '../intents/intent.js';

/** The gateway answered with a page: send the shopper there. */
export interface PageOpened extends HostedPage {
  readonly kind: 'page';
}

/** The gateway answered with a transaction. A decline, or a refusal such as 118, is one too: look at it. */
export interface Completed {
  readonly kind: 'completed';
  readonly cartId: string;
  readonly transaction: Transaction;
}

/**
 * It may have arrived and it may not: money may have moved. Do not send it again, under whatever reference: `reconcile`
 * finds out how it ended.
 */
export interface OutcomeUnknown {
  readonly kind: 'unknown';
  readonly cartId: string;
  readonly reason: UnknownReason;
  /** A transaction that has to do with it, when the answer named one. */
  readonly tranRef?: string;
  /** `OUTCOME_UNKNOWN` or `DUPLICATE_REQUEST`, for logs. */
  readonly error: PayTabsError;
}

/** How the request for a page went. */
export type PageOutcome = PageOpened | OutcomeUnknown;

/** How a charge went that the shopper may have to confirm on a page (3-D Secure). */
export type ChargeOutcome = PageOpened | Completed | OutcomeUnknown;

/** How a request went that is answered at once. */
export type FollowUpOutcome = Completed | OutcomeUnknown;

/** The gateway said that it is done. */
export type Done<Value extends object> = { readonly kind: 'done' } & Readonly<Value>;

/** It may be done and it may not. No money moves by it; look how it stands before you do it again. */
export interface WriteUnknown {
  readonly kind: 'unknown';
  readonly reason: UnknownReason;
  /** `OUTCOME_UNKNOWN` or `DUPLICATE_REQUEST`, for logs. */
  readonly error: PayTabsError;
}
