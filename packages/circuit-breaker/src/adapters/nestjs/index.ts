export { CircuitBreakerModule } from './circuit-breaker.module.js';
export {
  type BreakerAnswer,
  breakerAnswer,
  CircuitBreakerExceptionFilter,
} from './circuit-breaker-exception.filter.js';
export {
  type BreakerHealth,
  CircuitBreakerHealth,
  type CircuitBreakerHealthResult,
} from './circuit-breaker-health.js';
export { InjectBreaker } from './inject-breaker.js';
export type {
  BreakerDefinition,
  CircuitBreakerModuleAsyncOptions,
  CircuitBreakerModuleOptions,
} from './module-options.js';
export { breakerToken } from './tokens.js';
export {
  type GuardedMethodDecorator,
  type MethodGuard,
  UseBreaker,
  UsePolicy,
  type UsePolicyOptions,
} from './use-policy.js';
