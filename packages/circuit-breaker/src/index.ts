export {
  BACKOFF_DEFAULTS,
  type Backoff,
  type BackoffOptions,
  type BackoffStep,
  type Jitter,
} from './backoff/backoff.js';
export { CircuitBreaker } from './breaker/circuit-breaker.js';
export { defaultClassify } from './breaker/default-classify.js';
export type { CircuitBreakerEvents } from './breaker/events.js';
export { executeIterable } from './breaker/execute-iterable.js';
export { executeStream, type StreamLike } from './breaker/execute-stream.js';
export type { Hold } from './breaker/hold.js';
export type { Classification, Classify, Outcome, Settled, Verdict } from './breaker/outcome.js';
export type { Permit } from './breaker/permit.js';
export {
  type BreakerSnapshot,
  exportState,
  type HoldSnapshot,
  importState,
  type WindowSnapshot,
} from './breaker/snapshot.js';
export type { CircuitState } from './breaker/state.js';
export type { CircuitBreakerStats, CircuitBreakerTotals, LatencyStats } from './breaker/stats.js';
export type { CloseReason, OpenReason, TripOptions } from './breaker/transition.js';
export type { NodeStreamLike } from './breaker/watch-node-stream.js';
export type { WebStreamLike } from './breaker/watch-web-stream.js';
export { type Guard, type GuardedDecorator, guarded } from './decorator.js';
export {
  AbortedError,
  type AnyCircuitBreakerError,
  BreakerOpenError,
  BreakerShutDownError,
  CircuitBreakerError,
  type CircuitBreakerErrorCode,
  InvalidOptionError,
  InvalidSnapshotError,
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
export { Call, type CallOptions } from './operation/call.js';
export type { Layer, Sink } from './operation/layer.js';
export type { Operation, OperationContext, RepeatableOperation } from './operation/operation.js';
export {
  type AddsOfPolicy,
  type OperationFor,
  Policy,
  type PolicyKind,
  type PolicyLike,
  type PolicyOptions,
  type WrappableFor,
  type Wrapped,
} from './operation/policy.js';
export {
  type Idempotency,
  idempotencyOf,
  idempotent,
  type Repeatable,
  safe,
} from './operation/repeatable.js';
export { type Abandonable, Scope } from './operation/scope.js';
export {
  BREAKER_DEFAULTS,
  type BreakerMode,
  type ChangeableOptions,
  type CircuitBreakerOptions,
  type HalfOpenOptions,
  type OpenWait,
  type RampUpOptions,
  type SlowCallOptions,
  type WindowOptions,
} from './options.js';
export {
  type AddsOf,
  Pipeline,
  type PipelineOptions,
  type PipelinePart,
  pipeline,
  type RepeatsOf,
} from './pipeline/pipeline.js';
export {
  ADAPTIVE_DEFAULTS,
  type AdaptiveConcurrency,
  type AdaptiveOptions,
  adaptive,
} from './policy/bulkhead/adaptive.js';
export type { BulkheadEvents } from './policy/bulkhead/events.js';
export type { LimitChangeReason } from './policy/bulkhead/limit.js';
export {
  BULKHEAD_DEFAULTS,
  type BulkheadOptions,
  BulkheadPolicy,
  bulkhead,
} from './policy/bulkhead.js';
export type { CacheEvents } from './policy/cache/events.js';
export { CACHE_DEFAULTS, type CacheOptions, CachePolicy, cache } from './policy/cache.js';
export { type CoalesceEvents, CoalescePolicy, coalesce } from './policy/coalesce.js';
export {
  BulkheadFullError,
  type BulkheadFullReason,
  InjectedFaultError,
  NotRepeatableError,
  RateLimitedError,
} from './policy/errors.js';
export {
  type AnswersOf,
  type FallbackEvents,
  type FallbackOptions,
  FallbackPolicy,
  fallback,
} from './policy/fallback.js';
export type { FallbackHandler, Fallen } from './policy/fallback-frame.js';
export { type FallbackReason, fallbackReasonOf } from './policy/fallback-reason.js';
export {
  FAULT_INJECTION_DEFAULTS,
  type Fault,
  type FaultInjectionEvents,
  type FaultInjectionOptions,
  FaultInjectionPolicy,
  faultInjection,
} from './policy/fault-injection.js';
export { type HedgeEvents, type HedgeOptions, HedgePolicy, hedge } from './policy/hedge.js';
export { HEDGE_DEFAULTS, type HedgeDelay } from './policy/hedge-delay.js';
export type { RateLimitEvents } from './policy/rate-limit/events.js';
export {
  RATE_LIMIT_DEFAULTS,
  type RateLimitOptions,
  RateLimitPolicy,
  rateLimit,
  type SlidingWindowLimitOptions,
  type TokenBucketLimitOptions,
} from './policy/rate-limit.js';
export {
  RETRY_DEFAULTS,
  type RetryEvents,
  type RetryOptions,
  RetryPolicy,
  retry,
} from './policy/retry.js';
export {
  RETRY_BUDGET_DEFAULTS,
  RetryBudget,
  type RetryBudgetOptions,
  retryBudget,
} from './policy/retry-budget.js';
export type { FailedAttempt, GaveUpReason } from './policy/retry-frame.js';
export type { HttpAnswer, HttpHeaders } from './policy/standard-http/answer.js';
export { classifyHttp } from './policy/standard-http/classify-http.js';
export {
  type HttpRequest,
  STANDARD_HTTP_DEFAULTS,
  type StandardHedgedHttpOptions,
  type StandardHttpOptions,
} from './policy/standard-http/options.js';
export type { StandardHttpParts } from './policy/standard-http/parts.js';
export { HttpStatusError } from './policy/standard-http/status-error.js';
export { StandardHttp, standardHedgedHttp, standardHttp } from './policy/standard-http.js';
export {
  TIMEOUT_DEFAULTS,
  type TimeoutEvents,
  TimeoutPolicy,
  type TimeoutPolicyOptions,
  timeout,
} from './policy/timeout.js';
export { isTransient } from './policy/transient.js';
export { type TimeoutOptions, withTimeout } from './policy/with-timeout.js';
export type { Clock } from './ports/clock.js';
export type { Random } from './ports/random.js';
export { seededRandom } from './ports/seeded-random.js';
export { systemClock } from './ports/system-clock.js';
export { systemRandom } from './ports/system-random.js';
export type { BreakerChoice } from './registry/breaker-choice.js';
export {
  BreakerGroup,
  type BreakerGroupOptions,
  GROUP_DEFAULTS,
} from './registry/breaker-group.js';
export { OUTLIER_DEFAULTS, type OutlierOptions } from './registry/outlier-rule.js';
export { CircuitBreakerRegistry, type CircuitBreakerRegistryOptions } from './registry/registry.js';
export type { RegistryEvents, RemovalReason } from './registry/registry-events.js';
export type { RegistryHoldOptions } from './registry/registry-hold.js';
