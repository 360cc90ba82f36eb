import { PayTabsError, type PayTabsErrorCode } from '../errors.js';
import type { AnyReply } from '../gateway/reply.js';
import { hideSecrets } from '../hide-secrets.js';
import { cleanTrace, excerptOf, redact } from '../redact.js';

/** What a person should know and do, by code. */
const advice: Partial<Record<PayTabsErrorCode, string>> = {
  AUTHENTICATION_FAILED:
    'The gateway refused the key: check that region, profile and server key belong together (a mobile or client key does not work here), and that currency and country are among those of the profile',
  DUPLICATE_REQUEST:
    'The gateway saw the same cart, amount and currency within two minutes: the first may have arrived, ask by cart before anything else',
  NOT_FOUND: 'The gateway knows no such transaction, or nobody has acted on its page yet',
  RATE_LIMITED: 'The gateway asks for a pause',
  GATEWAY_UNAVAILABLE: 'The gateway could not answer',
  OUTCOME_UNKNOWN: 'The request was sent and its end is unknown: ask by cart, do not send it again',
  UNEXPECTED_REPLY: 'The answer was not understood',
  ABORTED: 'The call was ended early',
  INVALID_REQUEST: 'The gateway refused the request',
};

export const adviceFor = (code: PayTabsErrorCode): string => advice[code] ?? code;

/** The error for a reply that does not answer the request. Whatever the gateway wrote is redacted first. */
export function errorFromReply(
  code: PayTabsErrorCode,
  reply: AnyReply,
  about: {
    /** The key. */
    secret: string;
    /** What else the request must not have told. */
    secrets?: readonly string[] | undefined;
    cartId?: string | undefined;
    tranRef?: string | undefined;
  },
): PayTabsError {
  const hidden = (text: string) => hideSecrets(text, about.secrets);
  const traceOf = (trace: string | undefined) =>
    trace === undefined ? undefined : cleanTrace(trace, about.secret);
  const { httpStatus, retryAfterMs } = reply;
  const common = { httpStatus, retryAfterMs, cartId: about.cartId, tranRef: about.tranRef };
  if (reply.shape === 'error') {
    const said = reply.message === '' ? '' : `: ${redact(hidden(reply.message), about.secret)}`;
    return new PayTabsError(code, `${adviceFor(code)} (code ${reply.code}${said})`, {
      ...common,
      tranRef: reply.tranRef ?? common.tranRef,
      gatewayCode: reply.code,
      trace: traceOf(reply.trace),
    });
  }
  if (reply.shape === 'unreadable') {
    return new PayTabsError(code, `${adviceFor(code)} (HTTP ${httpStatus}, ${reply.why})`, {
      ...common,
      excerpt: excerptOf(hidden(reply.excerpt), about.secret),
    });
  }
  const trace = reply.shape === 'redirect' ? traceOf(reply.page.trace) : undefined;
  return new PayTabsError(code, adviceFor(code), { ...common, trace });
}
