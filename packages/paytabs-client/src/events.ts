import type { PayTabsErrorCode } from './errors.js';
import type { Mode } from './gateway/mode.js';
import type { EndedIntent, Intent, IntentState, WriteOperation } from './intents/intent.js';

/** Names of the client's calls. */
export type Operation =
  | WriteOperation
  | 'query'
  | 'queryByCart'
  | 'getToken'
  | 'deleteToken'
  | 'invoiceStatus'
  | 'cancelInvoice'
  | 'sendInvoiceSms'
  | 'markInvoicePaid'
  | 'searchInvoices'
  | 'downloadInvoice'
  | 'createLink'
  | 'updateLink'
  | 'viewLink'
  | 'cancelAgreement'
  | 'inquireSadad'
  | 'inquireValu';

/** Reads may be asked again; writes may move money. */
export type OperationKind = 'read' | 'write';

/** What every event about a request says. */
export interface RequestFacts {
  readonly operation: Operation;
  readonly kind: OperationKind;
  readonly cartId?: string;
  readonly tranRef?: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** Events of the client. None carries a key, a card number, a token or the customer's data. */
export interface PayTabsEvents {
  /** A try begins. It is refused, queued or sent after this. */
  requested: RequestFacts;
  /** The gateway answered in a form that was understood: also declines and error replies. */
  answered: RequestFacts & {
    readonly httpStatus: number;
    readonly shape: 'error' | 'redirect' | 'completed' | 'rows' | 'other';
    readonly gatewayCode?: number;
    /** Letter of a completed transaction. */
    readonly status?: string;
    readonly trace?: string;
    readonly tookMs: number;
  };
  /** A try ended without an answer that could be used. */
  failed: RequestFacts & {
    readonly code: PayTabsErrorCode;
    /** Whether a byte of it may have reached the gateway. */
    readonly sent: boolean;
    readonly httpStatus?: number;
    readonly tookMs: number;
  };
  /** Another try will follow after `delayMs`. */
  retried: RequestFacts & { readonly delayMs: number; readonly code: PayTabsErrorCode };
  /** A write was sent and its end is unknown. The intent stays open. */
  outcomeUnknown: RequestFacts & { readonly cartId: string };
  /** What was seen of a write could not be stored (in time); the intent stays open and is asked for later. */
  intentNotSettled: { readonly cartId: string; readonly error: unknown };
  /** An intent entered another state. */
  intentMoved: {
    readonly cartId: string;
    readonly operation: WriteOperation;
    readonly from: IntentState['name'];
    readonly to: IntentState['name'];
  };
  /** An intent ended, whoever found out. */
  ended: { readonly intent: EndedIntent };
  /** An intent that had ended without money turned out to have moved some, or may yet: tell a person. */
  corrected: { readonly intent: Intent };
  /** A round of reconciling is over. */
  reconciled: {
    readonly checked: number;
    readonly ended: number;
    readonly told: number;
    readonly failed: number;
  };
  /** An answer of a test profile where live is expected, or the other way round: tell a person. It is not believed. */
  modeMismatch: {
    readonly operation: Operation;
    readonly tranRef: string;
    readonly cartId?: string;
    readonly expected: Mode;
    readonly got: Mode;
  };
  breakerChanged: {
    readonly breaker: string;
    readonly kind: OperationKind;
    readonly state: 'closed' | 'open' | 'halfOpen';
    readonly retryAfterMs: number;
  };
}
