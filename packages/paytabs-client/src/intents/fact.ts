import type { PayTabsErrorCode } from '../errors.js';
import type { IntentState, UnknownReason } from './intent.js';
import type { Row } from './judge-rows.js';

/** Something that was seen of a request. `at` is calendar time; of an answer to a question the moment before it was asked. */
export type Fact = { readonly at: Date } & (
  | {
      /** Proven: no byte of it left, and none will. */
      readonly kind: 'notSent';
    }
  | {
      /** The gateway said, in answer to it, that nothing was done. */
      readonly kind: 'refused';
      readonly code: PayTabsErrorCode;
      readonly gatewayCode?: number;
    }
  | {
      /** It may have left, and no answer decides. */
      readonly kind: 'lost';
      readonly reason: UnknownReason;
      readonly tranRef?: string;
    }
  | {
      /** The gateway answered it with a page. */
      readonly kind: 'paged';
      readonly tranRef: string;
    }
  | {
      /** The gateway answered it with a transaction, which was checked to be about it. */
      readonly kind: 'answered';
      readonly row: Row;
    }
  | {
      /** The gateway was asked by cart; for a follow-up each row was asked for its parent. */
      readonly kind: 'checked';
      readonly rows: readonly Row[];
      /** All rows could be read: what is not among them was not there. */
      readonly complete: boolean;
    }
  | {
      /** The gateway was asked and did not answer, or not so that it could be read. */
      readonly kind: 'unanswered';
    }
  | {
      /** Nobody took its end: it was refused, or there was nobody to tell. */
      readonly kind: 'untold';
    }
  | {
      /** Whoever keeps the books has this end; a newer one he has not. */
      readonly kind: 'acknowledged';
      readonly state: IntentState;
    }
);
