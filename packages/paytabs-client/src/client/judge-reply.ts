import type { Outcome } from '@nestcms/circuit-breaker';
import type { PayTabsErrorCode } from '../errors.js';
import type { OperationKind } from '../events.js';
import type { Reply } from '../gateway/reply.js';

/** What a reply means for the caller, for another try, and for the breaker. */
export interface Judgement {
  /** Absent: the reply answers the request. */
  readonly code?: PayTabsErrorCode;
  /** Asking again may help. Only ever acted on for reads. */
  readonly transient: boolean;
  /** What the breaker counts. Declines and refusals are answers of a healthy gateway. */
  readonly outcome: Outcome;
}

/** Codes in which the gateway itself does not know how it ended: internal error, no response of the acquirer. */
const unknownEnds = new Set([400, 401]);

/** The one place that says what a reply means. */
export function judgeReply(reply: Reply, kind: OperationKind): Judgement {
  const { httpStatus } = reply;
  const lost = kind === 'write' ? 'OUTCOME_UNKNOWN' : 'GATEWAY_UNAVAILABLE';
  if (reply.shape === 'error') return judgeError(reply, lost);
  if (reply.shape !== 'unreadable') return { transient: false, outcome: 'success' };
  if (httpStatus === 429) return { code: 'RATE_LIMITED', transient: true, outcome: 'ignored' };
  if (httpStatus >= 500) return { code: lost, transient: true, outcome: 'failure' };
  const code = kind === 'write' ? 'OUTCOME_UNKNOWN' : 'UNEXPECTED_REPLY';
  // A firewall's page says nothing about the gateway behind it.
  if (httpStatus >= 400) return { code, transient: false, outcome: 'ignored' };
  return { code, transient: true, outcome: 'failure' };
}

function judgeError(
  { httpStatus, code }: Extract<Reply, { shape: 'error' }>,
  lost: PayTabsErrorCode,
): Judgement {
  const answered = (name: PayTabsErrorCode): Judgement => ({
    code: name,
    transient: false,
    outcome: 'success',
  });
  if (httpStatus === 429) return { code: 'RATE_LIMITED', transient: true, outcome: 'ignored' };
  if (httpStatus >= 500) return { code: lost, transient: true, outcome: 'failure' };
  if (code === 1 || httpStatus === 401) return answered('AUTHENTICATION_FAILED');
  if (code === 4 || httpStatus === 409) return answered('DUPLICATE_REQUEST');
  if (unknownEnds.has(code)) return { code: lost, transient: true, outcome: 'success' };
  return answered(code === 113 ? 'NOT_FOUND' : 'INVALID_REQUEST');
}
