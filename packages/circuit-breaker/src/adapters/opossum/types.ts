export type { OpossumError, OpossumErrorCode } from './errors.js';
export type { CircuitBreakerEvents } from './events.js';
export type { CircuitFallback } from './fallback.js';
export type { CacheEntry, CircuitCache } from './memory-cache.js';
export type { CircuitOptions, CoalesceReset, ErrorFilter, ResolvedOptions } from './options.js';
export type { BreakerState } from './state.js';
export type { CircuitBucket, CircuitStats, Counts } from './stats.js';
export type { CircuitStatusOptions } from './status.js';
