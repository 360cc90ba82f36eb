export { AggregationCache } from './cache/aggregation-cache.js';
export type { AggregationCacheEvents, NotStoredReason, ReadSource } from './cache/events.js';
export type {
  Invalidation,
  InvalidationResult,
  ReadArguments,
  ReadOptions,
  ReadResult,
} from './cache/requests.js';
export type { AggregationCacheStats } from './cache/stats.js';
export { analysePipeline, type PipelineAnalysis } from './classes/analyse-pipeline.js';
export type { CollectionRef } from './classes/collection-ref.js';
export {
  type AggregationOptions,
  CLASS_DEFAULTS,
  definePipelineClass,
  type PipelineClass,
  type PipelineClassOptions,
} from './classes/define-pipeline-class.js';
export {
  AggregationCacheError,
  type AggregationCacheErrorCode,
  type AggregationCacheErrorDetails,
  isAggregationCacheError,
  type SchemaIssue,
} from './errors.js';
export { cacheKey, type KeyParts } from './keys/cache-key.js';
export { type AggregationCacheOptions, type BreakerTuning, CACHE_DEFAULTS } from './options.js';
export type {
  Generation,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteLook,
  RemoteState,
  RemoteStore,
  StoreOutcome,
} from './ports/remote-store.js';
export type { ServedBy } from './ports/source.js';
export type { StandardSchema } from './ports/standard-schema.js';
export type { PassedOverReason } from './router/passed-over.js';
export type { PoisonReason } from './rows/envelope.js';
export { type CausalToken, causalToken } from './validity/causal-token.js';
