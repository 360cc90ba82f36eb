import type { CircuitBreaker, Clock, GuardedEmitter, Random } from '@nestcms/circuit-breaker';
import { ChangeFeed } from '../changes/change-feed.js';
import type { ChangeSource } from '../changes/change-source.js';
import type { PipelineClass } from '../classes/pipeline-class.js';
import { AggregationCacheError } from '../errors.js';
import { MemoryTier } from '../memory/memory-tier.js';
import type { RemoteStore } from '../ports/remote-store.js';
import type { Source } from '../ports/source.js';
import { type Tracer, traced } from '../ports/tracer.js';
import { type RowTypes, rowDecoder } from '../rows/decode-rows.js';
import type { Envelopes } from '../rows/envelope.js';
import { GenerationTable } from '../validity/generation-table.js';
import { Answerer } from './answerer.js';
import { Auditor } from './auditor.js';
import { Closing } from './closing.js';
import type { AggregationCacheEvents } from './events.js';
import { Filler } from './filler.js';
import { type HotRead, HotReads } from './hot-reads.js';
import { dependenciesMovedBy } from './invalidation.js';
import { heedCatalogue, Invalidator } from './invalidator.js';
import { Keeper } from './keeper.js';
import { Loader } from './loader.js';
import {
  type Page,
  type PageOptions,
  readPage,
  readPageOptions,
  requirePageable,
} from './pager.js';
import { type PreparedRead, prepareRead, type ReadContext, stillAsks } from './prepare-read.js';
import { PreparedQuery, type PreparedReadOptions } from './prepared-query.js';
import { memberAttributes } from './read-attributes.js';
import type { ReadResult } from './read-result.js';
import { openRemoteSide, type RemoteSide } from './remote-side.js';
import {
  type Invalidation,
  type InvalidationResult,
  type ReadOptions,
  readToken,
} from './requests.js';
import { SlowQueries, type SlowQueryRules } from './slow-queries.js';
import type { AggregationCacheStats } from './stats.js';
import { tracedStream } from './traced-stream.js';
import { eachUntilAborted, throwIfAborted, untilAborted } from './until-aborted.js';
import { Verifier } from './verifier.js';
import type { AnyClass } from './warm-up.js';
import { withinMs } from './within-ms.js';

/** What the cache works with; everything outside of the process comes in here. */
export interface CacheEngineParts {
  readonly source: Source;
  /** Absent: this process is on its own. */
  readonly remote: { readonly store: RemoteStore; readonly breaker: CircuitBreaker } | undefined;
  /** How values are stored there. Default: compressed where it pays, and with no key to seal. */
  readonly envelopes?: Envelopes | undefined;
  readonly context: ReadContext;
  readonly rowTypes: RowTypes;
  readonly memoryMaxBytes: number;
  readonly maxEntryBytes: number;
  readonly recordHotReads?: number | undefined;
  /** Called once for each class. @throws if it cannot work with this cache */
  readonly admit?: (pipelineClass: AnyClass) => void;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly selectionTimeoutMs: number;
  /** Absent: only what callers invalidate is known to have changed. */
  readonly changes?:
    | { readonly source: ChangeSource; readonly name: string; readonly stallMs: number }
    | undefined;
  /** Absent: no slow load is explained. */
  readonly explainSlow?: SlowQueryRules | undefined;
  readonly events: GuardedEmitter<AggregationCacheEvents>;
  /** Absent: nobody sees the parts of a read. */
  readonly tracer?: Tracer | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** The cache without its surroundings: tiers, validity and flights over a source and a store. */
export class CacheEngine {
  readonly #parts: CacheEngineParts;
  readonly #memory: MemoryTier;
  readonly #table: GenerationTable;
  readonly #remote: RemoteSide | undefined;
  readonly #keeper: Keeper;
  readonly #loader: Loader;
  readonly #hot: HotReads | undefined;
  readonly #answerer: Answerer;
  readonly #slow: SlowQueries | undefined;
  readonly #invalidator: Invalidator;
  readonly #admitted = new WeakSet<object>();
  /** Classes of which it was told what the change stream does not name. */
  readonly #unheard = new WeakSet<object>();
  readonly #changes: ChangeFeed | undefined;
  readonly #closing = new Closing();
  #fills = 0;
  #closed: Promise<void> | undefined;

  constructor(parts: CacheEngineParts) {
    this.#parts = parts;
    this.#table = new GenerationTable(parts.clock);
    this.#memory = new MemoryTier({
      maxBytes: parts.memoryMaxBytes,
      table: this.#table,
      decode: rowDecoder(parts.rowTypes),
    });
    const { views } = parts.context;
    const onMoved = (dependencies: readonly string[]) => heedCatalogue(dependencies, views);
    const own = { table: this.#table, closing: this.#closing };
    this.#remote = parts.remote && openRemoteSide(parts.remote, { ...parts, ...own, onMoved });
    const shared = { ...parts, ...own, memory: this.#memory, remote: this.#remote };
    this.#invalidator = new Invalidator({ ...shared, pending: this.#remote?.pending, views });
    this.#keeper = new Keeper(shared);
    const verifier = new Verifier(shared);
    const { explainSlow: rules } = parts;
    this.#slow = rules && new SlowQueries({ ...parts, rules });
    const filler = new Filler({ ...shared, keeper: this.#keeper, slow: this.#slow });
    this.#loader = new Loader({ ...shared, verifier, filler });
    this.#hot = parts.recordHotReads ? new HotReads(parts.recordHotReads, parts.random) : undefined;
    this.#changes = this.#watchChanges();
    this.#answerer = new Answerer({
      ...shared,
      loader: this.#loader,
      auditor: new Auditor(shared),
      isStalled: () => this.#changes?.isStalled === true,
    });
    parts.events.on('filled', () => {
      this.#fills += 1;
    });
  }

  async read<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    options: ReadOptions,
  ): Promise<ReadResult<Row>> {
    this.#assertOpen();
    let read: PreparedRead<unknown>;
    try {
      readToken('after', options.after);
      throwIfAborted(options.signal);
      read = await this.#prepareRead(pipelineClass, params, options.tenant);
    } catch (error) {
      this.#answerer.failed();
      throw error;
    }
    this.#hot?.note(read.key, pipelineClass.name, params, options.tenant);
    return this.#answerer.answer<Row>(read, options);
  }

  async ready(classes: readonly AnyClass[]): Promise<readonly string[]> {
    this.#assertOpen();
    for (const pipelineClass of classes) this.#admit(pipelineClass);
    const [told, isCompared] = await Promise.all([
      this.#parts.source.ready?.(classes) ?? [],
      this.#isRemoteCompared(),
    ]);
    this.#assertOpen();
    return isCompared ? told : [...told, REMOTE_AWAY];
  }

  /** The reads that were asked most, if they are recorded. */
  hotReads(count: number): readonly HotRead[] {
    return this.#hot?.top(count) ?? [];
  }

  async prepare<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    tenant: string | undefined,
  ): Promise<PreparedQuery<Row>> {
    this.#assertOpen();
    const read = await this.#prepareRead(pipelineClass, params, tenant);
    const again = () => this.#prepareRead(pipelineClass, params, tenant);
    return new PreparedQuery<Row>(read, (old, readOptions) => {
      if (stillAsks(old, this.#parts.context)) return this.#answerPrepared<Row>(old, readOptions);
      return Promise.resolve(again()).then((now) => this.#answerPrepared<Row>(now, readOptions));
    });
  }

  /** Batches of rows: one if they are kept, else as they come from a member. */
  async *stream<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    options: ReadOptions,
  ): AsyncGenerator<readonly Row[], void, void> {
    this.#assertOpen();
    try {
      readToken('after', options.after);
      throwIfAborted(options.signal);
      const read = await this.#prepareRead(pipelineClass, params, options.tenant);
      const open = () => this.#answerer.openStream<Row>(read, options);
      const batches = tracedStream(this.#parts.tracer, pipelineClass.name, open);
      yield* eachUntilAborted(batches, options.signal);
    } catch (error) {
      this.#answerer.failed();
      throw error;
    }
  }

  async page<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    options: PageOptions,
  ): Promise<Page<Row>> {
    this.#assertOpen();
    try {
      readPageOptions(options);
      throwIfAborted(options.signal);
      const read = await this.#prepareRead(pipelineClass, params, options.tenant);
      requirePageable(read);
      const reading = traced(this.#parts.tracer, 'page', {
        attributes: { class: pipelineClass.name },
        work: async () => {
          const { cursor } = options;
          const after =
            cursor === undefined ? await this.#loader.pointFor(read, options.after) : undefined;
          const slow = this.#slow;
          return readPage<Row>(read, { ...options, after }, { ...this.#parts, slow });
        },
        tell: ({ member }) => memberAttributes(member),
      });
      const page = await untilAborted(reading, options.signal);
      this.#answerer.missed(read, false);
      return page;
    } catch (error) {
      this.#answerer.failed();
      throw error;
    }
  }

  async invalidate(invalidation: Invalidation): Promise<InvalidationResult> {
    this.#assertOpen();
    const dependencies = dependenciesMovedBy(invalidation, this.#parts.context.database);
    readToken('after', invalidation.after);
    const after = invalidation.after ?? (await this.#parts.source.currentPoint());
    const published = await this.#invalidator.move(dependencies, after, 'caller');
    if (after === undefined && this.#parts.source.knowsTimes) throw pointUnknown();
    return { published };
  }

  stats(): AggregationCacheStats {
    return {
      reads: this.#answerer.reads,
      fills: this.#fills,
      invalidations: this.#invalidator.count,
      memory: this.#memory.stats(),
      remote: {
        state: this.#remote?.tier.state ?? 'none',
        pendingInvalidations: this.#remote?.pending.size ?? 0,
      },
      changes: {
        role: this.#changes?.role ?? 'off',
        stalled: this.#changes?.isStalled ?? false,
      },
      members: this.#parts.source.members(),
    };
  }

  /** Whoever calls it again waits for the same end. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.close();
    this.#slow?.close();
    await this.#changes?.close();
    this.#remote?.watch.close();
    this.#parts.source.close();
    await this.#keeper.close();
    this.#memory.clear();
  }

  #prepareRead<Input, Params, Row>(
    pipelineClass: PipelineClass<Input, Params, Row>,
    params: Input,
    tenant: string | undefined,
  ): PreparedRead<Row> | Promise<PreparedRead<Row>> {
    this.#admit(pipelineClass as unknown as AnyClass);
    const read = prepareRead(pipelineClass, params, tenant, this.#parts.context);
    if (this.#changes === undefined) return read;
    return read instanceof Promise ? read.then(this.#tellUnheard) : this.#tellUnheard(read);
  }

  /** @throws INVALID_OPTION, SEAL_KEY_REQUIRED */
  #admit(pipelineClass: AnyClass): void {
    if (this.#admitted.has(pipelineClass)) return;
    this.#parts.admit?.(pipelineClass);
    this.#admitted.add(pipelineClass);
  }

  readonly #tellUnheard = <Row>(read: PreparedRead<Row>): PreparedRead<Row> => {
    const { pipelineClass, unwatched: collections } = read;
    if (collections.length > 0 && !this.#unheard.has(pipelineClass)) {
      this.#unheard.add(pipelineClass);
      this.#parts.events.emit('changesUnheard', { pipelineClass: pipelineClass.name, collections });
    }
    return read;
  };

  readonly #answerPrepared = <Row>(
    read: PreparedRead<unknown>,
    options: PreparedReadOptions,
  ): Promise<ReadResult<Row>> => {
    try {
      this.#assertOpen();
      if (options.after !== undefined) readToken('after', options.after);
      throwIfAborted(options.signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.#answerer.answer<Row>(read, options);
  };

  #watchChanges(): ChangeFeed | undefined {
    const { changes, source: database, events, clock } = this.#parts;
    if (changes === undefined) return undefined;
    return new ChangeFeed({
      ...changes,
      database,
      events,
      clock,
      tier: this.#remote?.tier,
      invalidate: async (dependencies, after) =>
        (await this.#invalidator.move(dependencies, after, 'changes')) !== false,
      tellAgain: async () => (await this.#remote?.pending.flush()) !== false,
    });
  }

  #isRemoteCompared(): Promise<boolean> {
    if (this.#remote === undefined) return Promise.resolve(true);
    const { clock, selectionTimeoutMs } = this.#parts;
    const { firstCompared } = this.#remote.watch;
    return withinMs(firstCompared, selectionTimeoutMs, clock, () => new Error(REMOTE_AWAY)).then(
      () => true,
      () => false,
    );
  }

  #assertOpen(): void {
    this.#closing.assertOpen();
  }
}

const REMOTE_AWAY =
  'The remote store cannot be reached: until it is, this process answers from its memory and from the database.';

/** Not acknowledged: nobody knows how new the next rows have to be. */
const pointUnknown = (): AggregationCacheError<'POINT_UNKNOWN'> =>
  new AggregationCacheError(
    'POINT_UNKNOWN',
    "What was invalidated is void, but the primary could not say how far it is. Name the write by 'after', or invalidate again.",
    {},
  );
