import { isCircuitBreakerError } from '@nestcms/circuit-breaker';
import { PayTabsError } from '../errors.js';

/** @throws PayTabsError INVALID_OPTION in place of what a part of `@nestcms/circuit-breaker` says of its options */
export function tuned<Part>(where: string, make: () => Part): Part {
  try {
    return make();
  } catch (error) {
    if (!isCircuitBreakerError(error, 'INVALID_OPTION')) throw error;
    const { option, allowed, value } = error;
    // Anything but a number may be what was meant for another option.
    const given = typeof value === 'number' ? ` (given: ${value})` : '';
    throw new PayTabsError(
      'INVALID_OPTION',
      `${where}: Option '${option}' must be ${allowed}${given}`,
    );
  }
}
