import { AggregationCache } from '@nestcms/aggregation-cache';
import { createRedisRemoteStore } from '@nestcms/aggregation-cache/redis';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { Metrics } from '../operations/metrics.js';
import { BREAKERS, type CircuitBreakerRegistry } from '../platform/breakers.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../platform/clock.js';
import { Database } from '../platform/mongo/database.js';
import { REDIS_CACHE } from '../platform/redis/tokens.js';
import { CacheDropper } from './dropper.js';

const MEMORY_MAX_BYTES = 16 * 1024 * 1024;

/** The aggregation layer: what is read from replicas and kept, in this process and in Redis. */
@Module({
  providers: [
    {
      provide: AggregationCache,
      inject: [Database, ENVIRONMENT, BREAKERS, CLOCK, RANDOM, REDIS_CACHE],
      useFactory: (
        { client, db }: Database,
        environment: Environment,
        breakers: CircuitBreakerRegistry,
        clock: Clock,
        random: Random,
        redis: Redis | undefined,
      ) =>
        new AggregationCache({
          client,
          database: db.databaseName,
          breakers,
          memory: { maxBytes: MEMORY_MAX_BYTES },
          clock,
          random,
          ...(redis && {
            remote: createRedisRemoteStore({
              redis,
              keyPrefix: environment.redisKeyPrefix,
              timeoutMs: environment.redisTimeoutMs,
              ...(environment.redisCacheMaxBytes !== undefined && {
                maxBytes: environment.redisCacheMaxBytes,
              }),
            }),
          }),
        }),
    },
    CacheDropper,
  ],
  exports: [AggregationCache],
})
export class ReadingModule implements OnApplicationShutdown {
  constructor(
    private readonly cache: AggregationCache,
    metrics: Metrics,
  ) {
    cache.events.on('hit', ({ pipelineClass: pipeline, source }) =>
      metrics.cacheReads.inc({ pipeline, cache: 'HIT', source }),
    );
    cache.events.on('missed', ({ pipelineClass: pipeline }) =>
      metrics.cacheReads.inc({ pipeline, cache: 'MISS', source: 'member' }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.cache.close();
  }
}
