import { GuardedEmitter } from '@nestcms/circuit-breaker';
import { MongoChangeSource } from '../changes/mongo-change-source.js';
import { mongoCatalogue } from '../classes/catalogue.js';
import type { PipelineClass } from '../classes/pipeline-class.js';
import { ViewResolver } from '../classes/view-resolver.js';
import { invalidOption } from '../errors.js';
import { type AggregationCacheOptions, resolveOptions } from '../options.js';
import { readBreaker } from '../read-breaker.js';
import { checkLagBudget } from '../router/lag-probe.js';
import { MongoSource } from '../router/mongo-source.js';
import { rowTypesOf } from '../rows/decode-rows.js';
import { readNumber } from '../validation.js';
import { CacheEngine } from './cache-engine.js';
import type { AggregationCacheEvents } from './events.js';
import type { HotRead } from './hot-reads.js';
import type { Page, PageOptions } from './pager.js';
import type { PreparedQuery } from './prepared-query.js';
import type { ReadResult } from './read-result.js';
import type {
  Invalidation,
  InvalidationResult,
  PrepareArguments,
  ReadArguments,
} from './requests.js';
import type { AggregationCacheStats } from './stats.js';
import { type AnyClass, type WarmUpResult, warmUp } from './warm-up.js';

/** @throws INVALID_OPTION */
const requireClass = (pipelineClass: unknown): void => {
  const { build } = Object(pipelineClass) as { build?: unknown };
  if (typeof build === 'function') return;
  throw invalidOption(
    'pipelineClass',
    pipelineClass,
    'what definePipelineClass or its like returns',
  );
};

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
      changes:
        resolved.stallMs === undefined
          ? undefined
          : {
              source: new MongoChangeSource(resolved),
              name: database.databaseName,
              stallMs: resolved.stallMs,
            },
      admit: (pipelineClass) => {
        requireClass(pipelineClass);
        checkLagBudget(pipelineClass.lagBudgetMs, resolved.lagProbeMs);
        // What is possible by itself may not go with what it leaves to the cache.
        readBreaker('breaker', pipelineClass.breaker, resolved.memberBreaker);
        if (store !== undefined) resolved.envelopes.assertCanStore(pipelineClass);
      },
      rowTypes: rowTypesOf(database.bsonOptions),
      context: {
        database: database.databaseName,
        ignoreUndefined: database.bsonOptions.ignoreUndefined ?? false,
        keyPrefix,
        clock,
        views: new ViewResolver({ catalogue: mongoCatalogue(resolved.client), clock }),
      },
    });
  }

  /**
   * Connects the client, waits until every server and the remote store have been heard of or for
   * `selectionTimeoutMs`, and tells what is not there; what the topology lacks, by `topologyNoticed` too. Reads need
   * not wait for it; without it they tell.
   * @param classes those that will be read, so that tags which no member has are told at the start
   * @returns a sentence for each thing that is not as it should be; if nobody could be reached, one that says why
   * @example
   * for (const sentence of await aggregations.ready([contractDetails])) logger.warn(sentence);
   * @throws INVALID_OPTION, SEAL_KEY_REQUIRED for a class that does not go with the cache's options
   * @throws CLOSED
   */
  ready(classes: readonly AnyClass[] = []): Promise<readonly string[]> {
    return this.#engine.ready(classes);
  }

  /**
   * The rows of a class for these parameters.
   * @throws INVALID_OPTION, INVALID_PARAMETERS, TENANT_REQUIRED, SEAL_KEY_REQUIRED, UNSUPPORTED_VALUE, WRITE_STAGE
   * before anything is sent
   * @throws NO_MEMBER, MAX_TIME_EXCEEDED, QUERY_FAILED, INVALID_ROW, READ_TIMEOUT, NOT_VERIFIABLE if no answer was to
   * be had
   * @throws ABORTED, CLOSED, and what the class's builder throws
   */
  read<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    ...[params, options = {}]: ReadArguments<Input>
  ): Promise<ReadResult<Row>> {
    return this.#engine.read(pipelineClass, params as Input, options);
  }

  /**
   * The same read for many times: its key is made once.
   * @example
   * const details = await aggregations.prepare(contractDetails, { contractId });
   * const { rows } = await details.read();
   * @throws INVALID_OPTION, INVALID_PARAMETERS, TENANT_REQUIRED, SEAL_KEY_REQUIRED, UNSUPPORTED_VALUE, WRITE_STAGE,
   * CLOSED, and what the class's builder throws
   */
  prepare<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    ...[params, options = {}]: PrepareArguments<Input>
  ): Promise<PreparedQuery<Row>> {
    return this.#engine.prepare(pipelineClass, params as Input, options.tenant);
  }

  /**
   * The rows in batches, without waiting for all of them: kept ones at once, others as a member sends them. A
   * result that ends well and is not too large is kept. It is shared with nobody, unlike a read.
   * @example
   * for await (const rows of aggregations.stream(everyPayment)) write(rows);
   * @throws what a read throws, also between two batches
   */
  stream<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    ...[params, options = {}]: ReadArguments<Input>
  ): AsyncIterable<readonly Row[]> {
    return this.#engine.stream(pipelineClass, params as Input, options);
  }

  /**
   * One page of a listing, all of whose pages are of one moment of the database, for about five minutes. Its
   * pipeline should sort by something that is different in each row. Pages are not kept.
   * @example
   * const first = await aggregations.page(payments, { contractId }, { size: 50 });
   * const second = await aggregations.page(payments, { contractId }, { size: 50, cursor: first.next });
   * @throws INVALID_CURSOR, CURSOR_EXPIRED, INVALID_OPTION, and what a read throws
   */
  page<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    options: PageOptions,
  ): Promise<Page<Row>> {
    return this.#engine.page(pipelineClass, params, options);
  }

  /**
   * Makes everything kept about these void. Once it has resolved, no read that begins later in
   * this process is answered from before, nor filled from a member that lags behind `after`.
   * @throws POINT_UNKNOWN without `after`, if the primary cannot be asked how far it is
   * @throws INVALID_OPTION, CLOSED
   */
  invalidate(invalidation: Invalidation): Promise<InvalidationResult> {
    return this.#engine.invalidate(invalidation);
  }

  /**
   * The reads that were asked most in this process, the most wanted first; none unless `recordHotReads` is
   * set. They hold parameters: store them as you store those.
   */
  hotReads(count = 100): readonly HotRead[] {
    return this.#engine.hotReads(count);
  }

  /**
   * Asks reads that another process recorded, before the first readers come.
   * @param classes those that the reads may be of
   * @param options `concurrency`: so many at a time; 1 to 100, default 4
   */
  warmUp(
    reads: readonly HotRead[],
    classes: readonly AnyClass[],
    options: { readonly concurrency?: number | undefined } = {},
  ): Promise<WarmUpResult> {
    const range = { min: 1, max: 100, unit: 'reads' };
    const concurrency = readNumber('concurrency', options.concurrency, 4, range);
    return warmUp(reads, classes, concurrency, (pipelineClass, params, readOptions) =>
      this.#engine.read(pipelineClass, params, readOptions),
    );
  }

  stats(): AggregationCacheStats {
    return this.#engine.stats();
  }

  /**
   * Ends timers, subscriptions and the reads that wait for others, and waits for writes under way. Reads that the
   * database has been asked for are answered. Client and remote store stay open.
   */
  close(): Promise<void> {
    return this.#engine.close();
  }
}
