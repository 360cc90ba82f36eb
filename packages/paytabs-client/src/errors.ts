/** Every way a call can fail. The list is closed; codes are stable, messages are for people. */
export type PayTabsErrorCode =
  /** The key, the profile or the region host is wrong. Nothing was done. */
  | 'AUTHENTICATION_FAILED'
  /** The request broke a rule, here or at the gateway. Nothing was done. */
  | 'INVALID_REQUEST'
  /** The gateway's duplicate guard answered: an earlier request of the same values may have arrived. Ask by cart. */
  | 'DUPLICATE_REQUEST'
  /** The gateway knows no such transaction (or nobody has acted on its page yet). */
  | 'NOT_FOUND'
  /** The gateway asks for a pause. Nothing was done. */
  | 'RATE_LIMITED'
  /** No answer could be had and nothing was done. */
  | 'GATEWAY_UNAVAILABLE'
  /** A write was sent and its end is unknown: ask by `cartId`, never send again. */
  | 'OUTCOME_UNKNOWN'
  /** The answer to a read has no known shape, or speaks of another transaction. */
  | 'UNEXPECTED_REPLY'
  /** An option of the client is impossible. */
  | 'INVALID_OPTION'
  /** An amount or a currency that cannot be held exactly. */
  | 'INVALID_MONEY'
  /** The `cartId` was used before. Nothing was sent. */
  | 'REFERENCE_REUSED'
  /** The intent could not be stored (in time), so nothing was sent. After a time-out it may be stored all the same. */
  | 'INTENT_STORE_FAILED'
  /** The caller's signal fired before anything was sent, or during a read. */
  | 'ABORTED';

/** What an error may carry besides its code. */
export interface PayTabsErrorDetails {
  /** The gateway's support reference (`PMNT…`). */
  readonly trace?: string | undefined;
  /** HTTP status of the answer, when there was one. */
  readonly httpStatus?: number | undefined;
  /** The gateway's own number in an error reply. Not unique for a condition. */
  readonly gatewayCode?: number | undefined;
  /** Milliseconds to wait before another call makes sense. */
  readonly retryAfterMs?: number | undefined;
  /** The reference to ask by. Always present on `OUTCOME_UNKNOWN` and `DUPLICATE_REQUEST`. */
  readonly cartId?: string | undefined;
  /** The transaction, when the answer named one. */
  readonly tranRef?: string | undefined;
  /**
   * At most 200 characters of an answer that was not understood, without keys, card numbers, tokens and e-mail
   * addresses; of JSON the names of its fields.
   */
  readonly excerpt?: string | undefined;
  readonly cause?: unknown;
}

const mark = Symbol.for('@nestcms/paytabs-client.error');

/** The one error class of this package. Tell errors apart by `code`, recognise them with {@link isPayTabsError}. */
export class PayTabsError extends Error {
  override readonly name = 'PayTabsError';
  readonly code: PayTabsErrorCode;
  declare readonly trace?: string;
  declare readonly httpStatus?: number;
  declare readonly gatewayCode?: number;
  declare readonly retryAfterMs?: number;
  declare readonly cartId?: string;
  declare readonly tranRef?: string;
  declare readonly excerpt?: string;

  constructor(code: PayTabsErrorCode, message: string, details: PayTabsErrorDetails = {}) {
    const { cause, ...fields } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true });
    }
    Object.defineProperty(this, mark, { value: true });
  }

  /** What logs get: no stack, no cause. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}

/** Whether `error` comes from this package (also from another copy of it), and, if given, has that code. */
export function isPayTabsError(error: unknown, code?: PayTabsErrorCode): error is PayTabsError {
  if (typeof error !== 'object' || error === null || !(mark in error)) return false;
  return code === undefined || (error as unknown as PayTabsError).code === code;
}
