import { Inject } from '@nestjs/common';
import { AggregationCache } from '../../cache/aggregation-cache.js';
import { aggregationCacheToken } from './tokens.js';

/**
 * Injects the cache of that name, or without a name the one named `default`, or the only one:
 * `constructor(@InjectAggregationCache('shop') aggregations: AggregationCache)`. It must be among the `caches`
 * of `forRoot`; else the application does not start.
 */
export const InjectAggregationCache = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(name === undefined ? AggregationCache : aggregationCacheToken(name));
