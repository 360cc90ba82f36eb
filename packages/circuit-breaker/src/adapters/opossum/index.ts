export { CircuitBreaker, CircuitBreaker as default } from './circuit-breaker.js';
export { MemoryCache } from './memory-cache.js';
export { OPOSSUM_DEFAULTS } from './options.js';
export { Semaphore } from './semaphore.js';
export { CircuitStatus as Status } from './status.js';
export type * from './types.js';
