import type { PayTabsErrorCode } from '../errors.js';
import type { Money } from '../money/money.js';

/** The format of a stored intent; raised when its fields change. */
export const INTENT_VERSION = 1;

/** Operations that may move money. */
export type WriteOperation = 'createHostedPage' | 'refund';

/** What was about to be sent: enough to find it again at the gateway. Holds no card data and no key. */
export interface NewIntent {
  readonly cartId: string;
  readonly profileId: number;
  readonly operation: WriteOperation;
  /** `sale`, `auth` or `refund`. */
  readonly type: string;
  readonly amount: Money;
  /** The transaction a follow-up acts on. */
  readonly targetTranRef?: string;
  readonly begunAt: Date;
}

/** How a request ended, once that is known. */
export type IntentOutcome =
  /** The gateway carried it out, or answered with a decline. */
  | {
      readonly kind: 'answered';
      readonly tranRef: string;
      /** Letter of a completed transaction; absent for a page. */
      readonly status?: string;
    }
  /** The gateway refused it: nothing was done. */
  | { readonly kind: 'refused'; readonly code: PayTabsErrorCode; readonly gatewayCode?: number }
  /** It never left: nothing was done. */
  | { readonly kind: 'notSent' };

/** An intent as it is stored. Without `outcome` it is open: in flight, or its end is unknown. */
export interface Intent extends NewIntent {
  readonly v: typeof INTENT_VERSION;
  readonly outcome?: IntentOutcome;
  readonly settledAt?: Date;
}
