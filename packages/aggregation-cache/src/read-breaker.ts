import { CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';
import { invalidOption } from './errors.js';
import type { BreakerTuning } from './options.js';
import { refuseUnknown } from './validation.js';

/**
 * Copies and freezes; the breaker itself says what it would not take.
 * @param defaults what `tuning` changes
 * @throws INVALID_OPTION
 */
export const readBreaker = <T extends BreakerTuning | undefined>(
  path: string,
  tuning: T,
  defaults: BreakerTuning = {},
): T => {
  if (tuning === undefined) return tuning;
  refuseUnknown(path, tuning, Object.keys(Object(tuning)));
  for (const option of ['name', 'clock', 'onListenerError']) {
    if (Object.hasOwn(tuning, option)) {
      const { [option]: value } = tuning as Record<string, unknown>;
      throw invalidOption(`${path}.${option}`, value, 'left out: it is given by the cache');
    }
  }
  try {
    new CircuitBreaker({ ...defaults, ...tuning, name: path });
  } catch (error) {
    if (!isCircuitBreakerError(error, 'INVALID_OPTION')) throw error;
    throw invalidOption(`${path}.${error.option}`, error.value, error.allowed);
  }
  return Object.freeze({ ...tuning });
};
