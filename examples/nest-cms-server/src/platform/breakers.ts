/** Nest token of the one `CircuitBreakerRegistry` of the application. */
export const BREAKERS = Symbol('CircuitBreakerRegistry');
export type { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';
