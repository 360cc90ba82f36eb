import type { Outcome } from '@nestcms/circuit-breaker';
import type { PayTabsErrorCode } from '../errors.js';
import type { OperationKind } from '../events.js';
import { isKnownRefusal } from '../gateway/known-refusals.js';
import type { AnyReply, Reply } from '../gateway/reply.js';

/** What a reply means for the caller, for another try, and for the breaker. */
export interface Judgement {
  /** Absent: the reply answers the request. */
  readonly code?: PayTabsErrorCode;
  /** Asking again may help. Only ever acted on for reads. */
  readonly transient: boolean;
  /** What the breaker counts. Declines and refusals are answers of a healthy gateway. */
  readonly outcome: Outcome;
}

const answered = (code: PayTabsErrorCode): Judgement => ({
  code,
  transient: false,
  outcome: 'success',
});

/** Codes that say that the gateway itself had no answer; a read may ask again. */
const noAnswer = new Set([400, 401]);

/** What of the options decides on it. */
export interface JudgedBy {
  readonly kind: OperationKind;
  /** Codes by which a query says that there is nothing. */
  readonly notFoundCodes: ReadonlySet<number>;
}

/** The one place that says what a reply means. */
export function judgeReply(reply: AnyReply, { kind, notFoundCodes }: JudgedBy): Judgement {
  const { httpStatus, shape } = reply;
  const isWrite = kind === 'write';
  if (shape !== 'error' && shape !== 'unreadable') return { transient: false, outcome: 'success' };
  if (shape === 'error' && reply.contradictory && isWrite) return answered('OUTCOME_UNKNOWN');
  if (httpStatus === 429) return { code: 'RATE_LIMITED', transient: true, outcome: 'ignored' };
  if (httpStatus >= 500 || httpStatus === 408) {
    const code = isWrite ? 'OUTCOME_UNKNOWN' : 'GATEWAY_UNAVAILABLE';
    return { code, transient: true, outcome: 'failure' };
  }
  if (shape === 'error') {
    return isWrite ? judgeErrorOfWrite(reply) : judgeErrorOfRead(reply, notFoundCodes);
  }
  const code = isWrite ? 'OUTCOME_UNKNOWN' : 'UNEXPECTED_REPLY';
  // A firewall's page says nothing about the gateway behind it.
  if (httpStatus >= 400) return { code, transient: false, outcome: 'ignored' };
  return { code, transient: true, outcome: 'failure' };
}

type ErrorReply = Extract<Reply, { shape: 'error' }>;

/** What is not known to be a refusal may have moved money. */
function judgeErrorOfWrite({ httpStatus, code }: ErrorReply): Judgement {
  if (code === 4 || httpStatus === 409) return answered('DUPLICATE_REQUEST');
  if (!isKnownRefusal(code)) return answered('OUTCOME_UNKNOWN');
  if (code === 1) return answered('AUTHENTICATION_FAILED');
  return answered(code === 113 ? 'NOT_FOUND' : 'INVALID_REQUEST');
}

function judgeErrorOfRead(
  { httpStatus, code }: ErrorReply,
  notFoundCodes: ReadonlySet<number>,
): Judgement {
  if (code === 1 || httpStatus === 401) return answered('AUTHENTICATION_FAILED');
  if (code === 4 || httpStatus === 409) return answered('DUPLICATE_REQUEST');
  if (noAnswer.has(code)) {
    return { code: 'GATEWAY_UNAVAILABLE', transient: true, outcome: 'success' };
  }
  return answered(notFoundCodes.has(code) ? 'NOT_FOUND' : 'INVALID_REQUEST');
}
