export { AggregationCacheModule } from './aggregation-cache.module.js';
export {
  type AggregationCacheAnswer,
  AggregationCacheExceptionFilter,
  aggregationCacheAnswer,
} from './aggregation-cache-exception.filter.js';
export {
  AggregationCacheHealth,
  type AggregationCacheHealthResult,
  type CacheHealth,
} from './aggregation-cache-health.js';
export { InjectAggregationCache } from './inject-aggregation-cache.js';
export { type HandlerSucceeded, Invalidates, type InvalidatesOptions } from './invalidates.js';
export type {
  AggregationCacheModuleAsyncOptions,
  AggregationCacheModuleOptions,
} from './module-options.js';
export { aggregationCacheToken } from './tokens.js';
