import { type InvalidOptionError, isCircuitBreakerError } from '../../src/index.js';

/** The refusal of an option that `work` throws. Fails if it throws something else, or nothing. */
export const refusalOf = (work: () => unknown): InvalidOptionError => {
  try {
    work();
  } catch (error) {
    if (isCircuitBreakerError(error, 'INVALID_OPTION')) return error;
    throw error;
  }
  throw new Error('was accepted');
};
