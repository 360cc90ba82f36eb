import { type CircuitBreakerErrorCode, isCircuitBreakerError } from '../errors.js';
import { nameOf } from './transient.js';

/** Why a call did not succeed, in the few words that an answer in its place depends on. */
export type FallbackReason =
  /** A breaker let no call through. */
  | 'open'
  /** It was not done in time; it may still take effect. */
  | 'timeout'
  /** A bulkhead had no place. */
  | 'bulkheadFull'
  /** A rate limit let no call through. */
  | 'rateLimited'
  /** Someone gave it up. Not fallen back on unless `shouldHandle` says so. */
  | 'aborted'
  /** Anything else. */
  | 'failure';

const OF_CODE: Partial<Record<CircuitBreakerErrorCode, FallbackReason>> = {
  BREAKER_OPEN: 'open',
  BREAKER_SHUT_DOWN: 'open',
  TIMEOUT: 'timeout',
  BULKHEAD_FULL: 'bulkheadFull',
  RATE_LIMITED: 'rateLimited',
  ABORTED: 'aborted',
};

/** Never throws, whatever `error` is. */
export const fallbackReasonOf = (error: unknown): FallbackReason => {
  if (isCircuitBreakerError(error)) return OF_CODE[error.code] ?? 'failure';
  const name = nameOf(error);
  if (name === 'AbortError') return 'aborted';
  return name === 'TimeoutError' ? 'timeout' : 'failure';
};
