export { CircuitBreaker } from './breaker/circuit-breaker.js';
export { defaultClassify } from './breaker/default-classify.js';
export type { CircuitBreakerEvents } from './breaker/events.js';
export type { Classify, Outcome, Settled } from './breaker/outcome.js';
export type { Permit } from './breaker/permit.js';
export type { CircuitState } from './breaker/state.js';
export type { CloseReason, OpenReason } from './breaker/state-machine.js';
export type { CircuitBreakerStats, CircuitBreakerTotals } from './breaker/stats.js';
export {
  AbortedError,
  type AnyCircuitBreakerError,
  BreakerOpenError,
  CircuitBreakerError,
  type CircuitBreakerErrorCode,
  InvalidOptionError,
  isCircuitBreakerError,
  type RejectionReason,
  TimeoutError,
} from './errors.js';
export {
  GuardedEmitter,
  type GuardedEmitterOptions,
  type Listener,
} from './events/guarded-emitter.js';
export type { ListenerFailure, OnListenerError } from './events/listener-failure.js';
export type { OperationContext } from './operation/operation-context.js';
export {
  BREAKER_DEFAULTS,
  type CircuitBreakerOptions,
  type HalfOpenOptions,
  type WindowOptions,
} from './options.js';
export { BACKOFF_DEFAULTS, type BackoffOptions } from './policy/backoff.js';
export {
  type AttemptContext,
  type FailedAttempt,
  RETRY_DEFAULTS,
  type RetryOptions,
  retry,
} from './policy/retry.js';
export { type TimeoutOptions, withTimeout } from './policy/with-timeout.js';
export type { Clock } from './ports/clock.js';
export type { Random } from './ports/random.js';
export { systemClock } from './ports/system-clock.js';
export { systemRandom } from './ports/system-random.js';
export { CircuitBreakerRegistry, type CircuitBreakerRegistryOptions } from './registry.js';
