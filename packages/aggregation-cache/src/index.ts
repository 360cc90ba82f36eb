export { AggregationCache } from './cache/aggregation-cache.js';
export type { AggregationCacheEvents, NotStoredReason, ReadSource } from './cache/events.js';
export type { HotRead } from './cache/hot-reads.js';
export type { Page, PageOptions } from './cache/pager.js';
export type { PreparedQuery, PreparedReadOptions } from './cache/prepared-query.js';
export { type ReadExplanation, ReadResult } from './cache/read-result.js';
export type {
  Invalidation,
  InvalidationResult,
  PrepareArguments,
  ReadArguments,
  ReadOptions,
} from './cache/requests.js';
export type { AggregationCacheStats } from './cache/stats.js';
export type { AnyClass, WarmUpResult } from './cache/warm-up.js';
export { analysePipeline, type PipelineAnalysis } from './classes/analyse-pipeline.js';
export { type Catalogue, type CatalogueEntry, mongoCatalogue } from './classes/catalogue.js';
export { CLASS_DEFAULTS } from './classes/class-defaults.js';
export type { Built, ClassOptions } from './classes/class-options.js';
export type { CollectionRef } from './classes/collection-ref.js';
export {
  type CountClassOptions,
  type DistinctClassOptions,
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
  type FilterClassOptions,
  type FindClassOptions,
  type FindOneClassOptions,
} from './classes/define-filter-classes.js';
export { definePipelineClass, type PipelineClassOptions } from './classes/define-pipeline-class.js';
export type { AggregationOptions } from './classes/operation.js';
export type { PipelineClass, ReadMode } from './classes/pipeline-class.js';
export {
  type ResolvedReads,
  ViewResolver,
  type ViewResolverOptions,
} from './classes/view-resolver.js';
export {
  AggregationCacheError,
  type AggregationCacheErrorCode,
  type AggregationCacheErrorDetails,
  isAggregationCacheError,
  type SchemaIssue,
} from './errors.js';
export { cacheKey, type KeyParts, type KeyScope } from './keys/cache-key.js';
export { type AggregationCacheOptions, type BreakerTuning, CACHE_DEFAULTS } from './options.js';
export type { AnyDb, AnyMongoClient } from './ports/mongo-driver.js';
export type {
  Generation,
  Lease,
  LeaseAnswer,
  Position,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteLook,
  RemoteState,
  RemoteStore,
  StoreOutcome,
} from './ports/remote-store.js';
export type { Attempt, MemberState, Operation, ServedBy } from './ports/source.js';
export type { StandardSchema } from './ports/standard-schema.js';
export type { SpanAttributes, SpanName, TracedSpan, Tracer } from './ports/tracer.js';
export { atlasRoutes } from './router/atlas-routes.js';
export type { PassedOverReason } from './router/passed-over.js';
export type { PlanStage, QueryPlan } from './router/query-plan.js';
export type { TopologyNotice } from './router/topology-notices.js';
export type { PoisonReason } from './rows/envelope.js';
export { type CausalToken, causalToken } from './validity/causal-token.js';
