import { isCircuitBreakerError } from '../errors.js';
import type { Outcome, Settled } from './outcome.js';

/** The errors of this package that stand for trouble of the other side. */
const FAILURES: ReadonlySet<string> = new Set(['TIMEOUT', 'INJECTED_FAULT', 'HTTP_STATUS']);

/**
 * A rejection is a failure, but one that says nothing about the other side is ignored: a caller who
 * gave up (`ABORTED`, or any error named `AbortError`, which is what `fetch` and others reject with
 * once their signal is aborted), an option that was wrong, and a breaker further in that let no call
 * through. Time limits are failures: `TIMEOUT`, and the `TimeoutError` of `AbortSignal.timeout()`.
 */
export const defaultClassify = (settled: Settled): Outcome => {
  if (settled.status === 'fulfilled') return 'success';
  const { error } = settled;
  if (isCircuitBreakerError(error)) return FAILURES.has(error.code) ? 'failure' : 'ignored';
  return isAbort(error) ? 'ignored' : 'failure';
};

const isAbort = (error: unknown): boolean => {
  try {
    return (error as { readonly name?: unknown }).name === 'AbortError';
  } catch {
    return false;
  }
};
