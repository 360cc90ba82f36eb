import { isCircuitBreakerError } from '../errors.js';
import type { Outcome, Settled } from './outcome.js';

/** A rejection is a failure, but a caller who gave up says nothing about the other side. */
export const defaultClassify = (settled: Settled): Outcome => {
  if (settled.status === 'fulfilled') return 'success';
  return isCircuitBreakerError(settled.error, 'ABORTED') ? 'ignored' : 'failure';
};
