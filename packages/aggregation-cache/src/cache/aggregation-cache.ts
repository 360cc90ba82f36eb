import { type CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import type { PipelineClass } from '../classes/define-pipeline-class.js';
import { AggregationCacheError } from '../errors.js';
import { MemoryTier } from '../memory/memory-tier.js';
import { type AggregationCacheOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import type { RemoteChange } from '../ports/remote-store.js';
import type { Source } from '../ports/source.js';
import { RemoteTier } from '../remote/remote-tier.js';
import { MongoSource } from '../router/mongo-source.js';
import { rowTypesOf } from '../rows/decode-rows.js';
import type { CausalToken } from '../validity/causal-token.js';
import { GenerationTable } from '../validity/generation-table.js';
import { PendingInvalidations } from '../validity/pending-invalidations.js';
import { RemoteWatch } from '../validity/remote-watch.js';
import type { AggregationCacheEvents } from './events.js';
import { Flights } from './flights.js';
import { type Loaded, Loader, type LoaderParts } from './loader.js';
import { isRight, type MemoryEntry } from './memory-entry.js';
import { type PreparedRead, prepareRead, type ReadContext } from './prepare-read.js';
import {
  type Invalidation,
  type InvalidationResult,
  type ReadArguments,
  type ReadOptions,
  type ReadResult,
  readCollections,
  readToken,
} from './requests.js';
import type { AggregationCacheStats } from './stats.js';
import { throwIfAborted, untilAborted } from './until-aborted.js';

/**
 * Aggregations, answered from memory, from the remote store, or by the members a class names.
 * @example
 * const { rows, cache } = await aggregations.read(contractDetails, { contractId });
 */
export class AggregationCache {
  readonly events: GuardedEmitter<AggregationCacheEvents>;
  readonly #options: ResolvedOptions;
  readonly #context: ReadContext;
  readonly #source: Source;
  readonly #memory: MemoryTier<MemoryEntry>;
  readonly #table = new GenerationTable();
  readonly #flights = new Flights<Loaded>();
  readonly #remote: LoaderParts['remote'];
  readonly #loader: Loader;
  readonly #memberBreakers = new Map<string, CircuitBreaker>();
  readonly #reads = { memory: 0, remote: 0, member: 0, joined: 0, failed: 0 };
  #fills = 0;
  #invalidations = 0;
  #closed = false;

  /** @throws INVALID_OPTION for an unknown or impossible option */
  constructor(options: AggregationCacheOptions) {
    const resolved = resolveOptions(options);
    const { client, database, clock, random, maxEntryBytes, keyPrefix } = resolved;
    this.#options = resolved;
    this.events = new GuardedEmitter({ onListenerError: resolved.onListenerError });
    this.events.on('filled', () => {
      this.#fills += 1;
    });
    const { events } = this;
    this.#context = {
      database: database.databaseName,
      ignoreUndefined: database.bsonOptions.ignoreUndefined ?? false,
      keyPrefix,
    };
    this.#memory = new MemoryTier({ maxBytes: resolved.memoryMaxBytes });
    this.#source = new MongoSource({
      client,
      database,
      events,
      clock,
      random,
      selectionTimeoutMs: resolved.selectionTimeoutMs,
      lagBudgetMs: resolved.lagBudgetMs,
      breakerFor: (member) => this.#breakerFor(member),
    });
    this.#remote = this.#watchRemote();
    this.#loader = new Loader({
      source: this.#source,
      memory: this.#memory,
      table: this.#table,
      remote: this.#remote,
      rowTypes: rowTypesOf(database.bsonOptions),
      maxEntryBytes,
      events,
      clock,
      random,
    });
  }

  /**
   * The rows of a class for these parameters.
   * @throws INVALID_PARAMETERS, TENANT_REQUIRED, UNSUPPORTED_VALUE, WRITE_STAGE before anything is sent
   * @throws NO_MEMBER, MAX_TIME_EXCEEDED, QUERY_FAILED, INVALID_ROW if no answer was to be had
   * @throws ABORTED, CLOSED
   */
  async read<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    ...[params, options = {}]: ReadArguments<Input>
  ): Promise<ReadResult<Row>> {
    this.#assertOpen();
    const startedAt = this.#options.clock.now();
    try {
      readToken('after', options.after);
      throwIfAborted(options.signal);
      const read = await prepareRead(pipelineClass, params as Input, options.tenant, this.#context);
      const kept = this.#fromMemory(read, options.after);
      const { loaded, joined } =
        kept === undefined
          ? await this.#load(read, options)
          : { loaded: { ...kept, source: 'memory' as const }, joined: false };
      return this.#answer<Row>(read, loaded, joined, startedAt);
    } catch (error) {
      this.#reads.failed += 1;
      throw error;
    }
  }

  /**
   * Makes everything kept about these collections void. Once it has resolved, no read that begins later in
   * this process is answered from before, nor filled from a member that lags behind `after`.
   * @throws INVALID_OPTION, CLOSED
   */
  async invalidate(invalidation: Invalidation): Promise<InvalidationResult> {
    this.#assertOpen();
    readToken('after', invalidation.after);
    const collections = readCollections(invalidation.collections, this.#context.database);
    const after = invalidation.after ?? (await this.#source.currentPoint());
    const { slots } = this.#table.move(collections, after);
    this.#invalidations += 1;
    let published: boolean | undefined;
    if (this.#remote !== undefined) {
      const { pending } = this.#remote;
      pending.add(slots.map((slot) => ({ namespace: slot.namespace, after: slot.after })));
      published = await pending.flush();
    }
    this.events.emit('invalidated', { collections, by: 'caller', published });
    return { published };
  }

  stats(): AggregationCacheStats {
    return {
      reads: { ...this.#reads },
      fills: this.#fills,
      invalidations: this.#invalidations,
      memory: this.#memory.stats(),
      remote: {
        state: this.#remote?.tier.state ?? 'none',
        pendingInvalidations: this.#remote?.pending.size ?? 0,
      },
      members: Array.from(this.#memberBreakers, ([member, { state }]) => ({
        member,
        breaker: state,
      })),
    };
  }

  /** Ends timers and subscriptions, and waits for writes under way. Client and remote store stay open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#remote?.watch.close();
    this.#source.close();
    await this.#loader.settled();
    this.#memory.clear();
  }

  /** An answer that needs no question to anybody. */
  #fromMemory(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
  ): MemoryEntry | undefined {
    const entry = this.#memory.get(read.key);
    if (entry === undefined) return undefined;
    if (!isRight(entry, this.#options.clock.now(), after?.operationTime)) return undefined;
    return (this.#remote?.watch.vouchesFor(entry.verifiedAt) ?? true) ? entry : undefined;
  }

  async #load(
    read: PreparedRead<unknown>,
    { after, signal }: ReadOptions,
  ): Promise<{ loaded: Loaded; joined: boolean }> {
    const load = (control: Parameters<Loader['load']>[2]) =>
      this.#loader.load(read, after, control);
    if (read.uncacheable !== undefined) {
      // Each caller of a random sample gets one of its own.
      return { loaded: await untilAborted(load({ restamp: () => {} }), signal), joined: false };
    }
    const ticket = this.#table.ticket(read.namespaces);
    const { promise, joined } = this.#flights.join(
      read.key,
      { ticket, after: after?.operationTime },
      load,
    );
    return { loaded: await untilAborted(promise, signal), joined };
  }

  #answer<Row>(
    { pipelineClass: { name }, key }: PreparedRead<unknown>,
    { rows, source, member, loadedAt }: Loaded,
    joined: boolean,
    startedAt: number,
  ): ReadResult<Row> {
    const now = this.#options.clock.now();
    const ageMs = now - loadedAt;
    this.#reads[source] += 1;
    if (source === 'member') {
      if (joined) this.#reads.joined += 1;
      this.events.emit('missed', { pipelineClass: name, key, joined });
    } else this.events.emit('hit', { pipelineClass: name, key, source, ageMs });
    return {
      rows: rows as readonly Row[],
      source,
      cache: source === 'member' ? 'MISS' : 'HIT',
      member,
      ageMs,
      tookMs: now - startedAt,
    };
  }

  #watchRemote(): LoaderParts['remote'] {
    const { remote: store, breakers, keyPrefix, clock, heartbeatMs, remoteBreaker } = this.#options;
    if (store === undefined) return undefined;
    const { events } = this;
    const table = this.#table;
    const breaker = breakers.getOrCreate({ ...remoteBreaker, name: `${keyPrefix}:remote`, clock });
    const tier = new RemoteTier({ store, breaker, events });
    const pending = new PendingInvalidations(async (changes: readonly RemoteChange[]) => {
      const asked = table.ticket(changes.map(({ namespace }) => namespace));
      const generations = await tier.invalidate(changes);
      if (generations === undefined) return false;
      table.adoptAnswer(asked, generations);
      return true;
    });
    const watch = new RemoteWatch({ store, tier, table, pending, events, clock, heartbeatMs });
    return { tier, watch, pending };
  }

  #breakerFor(member: string): CircuitBreaker {
    const { breakers, keyPrefix, memberBreaker, clock } = this.#options;
    let breaker = this.#memberBreakers.get(member);
    if (breaker === undefined) {
      breaker = breakers.getOrCreate({
        ...memberBreaker,
        name: `${keyPrefix}:member:${member}`,
        clock,
      });
      this.#memberBreakers.set(member, breaker);
    }
    return breaker;
  }

  #assertOpen(): void {
    if (this.#closed) throw new AggregationCacheError('CLOSED', 'The cache was closed.', {});
  }
}
