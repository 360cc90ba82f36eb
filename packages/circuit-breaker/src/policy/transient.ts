import { isCircuitBreakerError } from '../errors.js';

/** Errors of this package after which a moment later may be better. */
const PASSING: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'BULKHEAD_FULL',
  'RATE_LIMITED',
  'INJECTED_FAULT',
  'HTTP_STATUS',
]);

/**
 * Whether trying again makes sense: yes, but not for a caller who gave up (`ABORTED`, any `AbortError`),
 * nor for an open breaker, which is still open a moment later, nor for a wrong option.
 */
export const isTransient = (error: unknown): boolean => {
  if (isCircuitBreakerError(error)) return PASSING.has(error.code);
  return nameOf(error) !== 'AbortError';
};

/** An error's `name`, whatever the error is. */
export const nameOf = (error: unknown): unknown => {
  try {
    return (error as { readonly name?: unknown }).name;
  } catch {
    return undefined;
  }
};

/** The `retryAfterMs` that an error carries, if it is a time. */
export const retryAfterOf = (error: unknown): number | undefined => {
  try {
    const asked = (error as { readonly retryAfterMs?: unknown }).retryAfterMs;
    return typeof asked === 'number' ? asked : undefined;
  } catch {
    return undefined;
  }
};
