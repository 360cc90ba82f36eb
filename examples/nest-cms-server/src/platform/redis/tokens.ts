/** Nest token of the Redis client for sessions and limits, or `undefined`. It must not evict. */
export const REDIS_STATE = Symbol('RedisState');
/** Nest token of the Redis client for the aggregation cache, or `undefined`. It may evict. */
export const REDIS_CACHE = Symbol('RedisCache');
