export type { ClassifyHttpEnd, HttpEnd, HttpRequestFacts } from '../http/http-end.js';
export type { HttpAdapterOptions, HttpBreakerOptions, KeyOf } from '../http/http-options.js';
export {
  type CircuitBreakerInterceptor,
  circuitBreaker,
  type UndiciCircuitBreakerOptions,
} from './circuit-breaker.js';
