import type { PayTabsErrorCode } from './errors.js';

/** Names of the client's calls. */
export type Operation = 'createHostedPage' | 'refund' | 'query' | 'queryByCart';

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
    readonly shape: 'error' | 'redirect' | 'completed' | 'rows';
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
  /** The end of a write is known but could not be stored; the intent stays open. */
  intentNotSettled: { readonly cartId: string; readonly error: unknown };
  breakerChanged: {
    readonly breaker: string;
    readonly kind: OperationKind;
    readonly state: 'closed' | 'open' | 'halfOpen';
    readonly retryAfterMs: number;
  };
}
