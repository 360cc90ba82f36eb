import type { PayTabsErrorCode } from '../errors.js';
import type { Money } from '../money/money.js';
import type { AmountRange } from './amount-range.js';

/** The format of a stored intent; raised when its fields change. */
export const INTENT_VERSION = 2;

/** Operations that may move money, or that somebody may pay by. */
export type WriteOperation =
  | 'createHostedPage'
  | 'chargeCard'
  | 'chargeManagedForm'
  | 'chargeToken'
  | 'chargeWallet'
  | 'createInvoice'
  | 'requestSadad'
  | 'capture'
  | 'void'
  | 'release'
  | 'refund'
  | 'extendAuthorisation';

/** Whose intent it is: references are unique within a profile. */
export interface IntentKey {
  readonly profileId: number;
  readonly cartId: string;
}

/** What was about to be sent: enough to find it again at the gateway. Holds no card data, no token and no key. */
export interface IntentSubject extends IntentKey {
  readonly operation: WriteOperation;
  /** The gateway's word for what was asked: `sale`, `auth`, `register`, `capture`, `void`, … */
  readonly type: string;
  readonly amount: Money;
  /** Present where the shopper may choose the amount; `amount` is then what the page begins with. */
  readonly amountRange?: AmountRange;
  /** The transaction a follow-up acts on. */
  readonly targetTranRef?: string;
  /** How long a page lives that the request may be answered with. Absent: it cannot be. */
  readonly pageLifeMs?: number;
  readonly begunAt: Date;
  /** The last moment at which a byte of it may leave. */
  readonly sendBefore: Date;
}

/** What is remembered of a transaction. Nothing of the card, nothing of the shopper. */
export interface SeenTransaction {
  readonly tranRef: string;
  readonly previousTranRef?: string;
  readonly type: string;
  readonly status: string;
  readonly responseCode: string;
  /** What moved. */
  readonly total: Money;
}

/** Why the end of a request is not known. */
export type UnknownReason =
  /** Sent, and the connection or the time ended before an answer came. */
  | 'noAnswer'
  /** What came was no answer that decides: not readable, about something else, or an error that proves nothing. */
  | 'unclearAnswer'
  /** The gateway saw the same cart, amount and currency lately: something may have arrived. */
  | 'duplicate'
  /** Whoever began it never said how it went. */
  | 'senderGone'
  /** There is a transaction, with a code that leaves open what the bank did. */
  | 'bankSilent';

/** Why a person must look. */
export type DisputeReason =
  /** Under the reference there is something with another amount or currency. */
  | 'otherAmount'
  /** It acts on another transaction. */
  | 'otherParent'
  /** It is older than the intent: the reference was used elsewhere. */
  | 'older'
  /** Money was taken more than once under the reference. */
  | 'twice'
  /** No final answer within the time that was set for it. */
  | 'neverDecided';

/** Where an intent stands. */
export type IntentState =
  | { readonly name: 'begun' }
  | {
      readonly name: 'unknown';
      readonly reason: UnknownReason;
      /** A transaction that has to do with it, when one is known. */
      readonly tranRef?: string;
    }
  /** `tranRef` is the page's or the bill's; an invoice has none before it is paid, and is named `invoice-<id>`. */
  | { readonly name: 'pageOpen'; readonly tranRef: string; readonly expiresAt: Date }
  | { readonly name: 'pending'; readonly seen: SeenTransaction }
  | { readonly name: 'done'; readonly seen: SeenTransaction }
  | {
      readonly name: 'refused';
      readonly code: PayTabsErrorCode;
      readonly gatewayCode?: number;
    }
  | { readonly name: 'notSent' }
  | { readonly name: 'notFound' }
  | { readonly name: 'lapsed'; readonly tranRef: string }
  | {
      readonly name: 'disputed';
      readonly reason: DisputeReason;
      readonly tranRefs: readonly string[];
    };

/** How often the gateway was asked, and what it did not have. */
export interface Checks {
  /** Answers in all. */
  readonly count: number;
  /** Answers, in a row, that showed nothing of it at a time when something had to be there. */
  readonly nothing: number;
}

/** An intent as it is stored. */
export interface Intent extends IntentSubject {
  readonly v: typeof INTENT_VERSION;
  /** Counts what was stored of it; a store replaces only the revision that was read. */
  readonly revision: number;
  readonly state: IntentState;
  readonly checks: Checks;
  /** When it entered this state. */
  readonly since: Date;
  /** Whether the end was heard by whoever keeps the books. */
  readonly acknowledged: boolean;
  /** When somebody has to look at it next: to ask, or to tell its end. Absent: never. */
  readonly dueAt?: Date;
}

/** States in which nothing more is expected. */
export const endStates = [
  'done',
  'refused',
  'notSent',
  'notFound',
  'lapsed',
  'disputed',
] as const satisfies readonly IntentState['name'][];

export type EndState = (typeof endStates)[number];

const ends: ReadonlySet<string> = new Set(endStates);

/** An intent in an end state. */
export type EndedIntent = Intent & {
  readonly state: Extract<IntentState, { readonly name: EndState }>;
};

/** Whether nothing more is expected of it. Late evidence of money may still change it. */
export const hasEnded = (intent: Intent): intent is EndedIntent => ends.has(intent.state.name);
