import { GuardedEmitter } from '@nestcms/circuit-breaker';
import type { PipelineClass } from '../classes/define-pipeline-class.js';
import { type AggregationCacheOptions, resolveOptions } from '../options.js';
import { MongoSource } from '../router/mongo-source.js';
import { rowTypesOf } from '../rows/decode-rows.js';
import { CacheEngine } from './cache-engine.js';
import type { AggregationCacheEvents } from './events.js';
import type { Invalidation, InvalidationResult, ReadArguments, ReadResult } from './requests.js';
import type { AggregationCacheStats } from './stats.js';

/**
 * Aggregations, answered from memory, from the remote store, or by the members a class names.
 * @example
 * const { rows, cache } = await aggregations.read(contractDetails, { contractId });
 */
export class AggregationCache {
  readonly events: GuardedEmitter<AggregationCacheEvents>;
  readonly #engine: CacheEngine;

  /** @throws INVALID_OPTION for an unknown or impossible option */
  constructor(options: AggregationCacheOptions) {
    const resolved = resolveOptions(options);
    const { database, remote: store, breakers, remoteBreaker, keyPrefix, clock } = resolved;
    const events = new GuardedEmitter<AggregationCacheEvents>({
      onListenerError: resolved.onListenerError,
    });
    this.events = events;
    this.#engine = new CacheEngine({
      ...resolved,
      events,
      remote: store && {
        store,
        breaker: breakers.getOrCreate({ ...remoteBreaker, name: `${keyPrefix}:remote`, clock }),
      },
      source: new MongoSource({ ...resolved, events }),
      rowTypes: rowTypesOf(database.bsonOptions),
      context: {
        database: database.databaseName,
        ignoreUndefined: database.bsonOptions.ignoreUndefined ?? false,
        keyPrefix,
      },
    });
  }

  /**
   * The rows of a class for these parameters.
   * @throws INVALID_PARAMETERS, TENANT_REQUIRED, UNSUPPORTED_VALUE, WRITE_STAGE before anything is sent
   * @throws NO_MEMBER, MAX_TIME_EXCEEDED, QUERY_FAILED, INVALID_ROW if no answer was to be had
   * @throws ABORTED, CLOSED
   */
  read<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    ...[params, options = {}]: ReadArguments<Input>
  ): Promise<ReadResult<Row>> {
    return this.#engine.read(pipelineClass, params as Input, options);
  }

  /**
   * Makes everything kept about these collections void. Once it has resolved, no read that begins later in
   * this process is answered from before, nor filled from a member that lags behind `after`.
   * @throws INVALID_OPTION, CLOSED
   */
  invalidate(invalidation: Invalidation): Promise<InvalidationResult> {
    return this.#engine.invalidate(invalidation);
  }

  stats(): AggregationCacheStats {
    return this.#engine.stats();
  }

  /** Ends timers and subscriptions, and waits for writes under way. Client and remote store stay open. */
  close(): Promise<void> {
    return this.#engine.close();
  }
}
