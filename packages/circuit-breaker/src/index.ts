export type { Classify, Outcome, Settled } from './breaker/outcome.js';
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
  type EventSink,
  GuardedEmitter,
  type GuardedEmitterOptions,
  type Listener,
} from './events/guarded-emitter.js';
export type { ListenerFailure, OnListenerError } from './events/listener-failure.js';
export {
  BREAKER_DEFAULTS,
  type CircuitBreakerOptions,
  type HalfOpenOptions,
  type WindowOptions,
} from './options.js';
export type { Clock } from './ports/clock.js';
export type { Random } from './ports/random.js';
export { systemClock } from './ports/system-clock.js';
export { systemRandom } from './ports/system-random.js';
