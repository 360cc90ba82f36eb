import type { CircuitBreaker, Clock, GuardedEmitter, Random } from '@nestcms/circuit-breaker';
import type { PipelineClass } from '../classes/define-pipeline-class.js';
import { AggregationCacheError } from '../errors.js';
import { MemoryTier } from '../memory/memory-tier.js';
import type { RemoteChange, RemoteStore } from '../ports/remote-store.js';
import type { Source } from '../ports/source.js';
import { RemoteTier } from '../remote/remote-tier.js';
import type { RowTypes } from '../rows/decode-rows.js';
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
  type ReadOptions,
  type ReadResult,
  readCollections,
  readToken,
} from './requests.js';
import type { AggregationCacheStats } from './stats.js';
import { throwIfAborted, untilAborted } from './until-aborted.js';

/** What the cache works with; everything outside of the process comes in here. */
export interface CacheEngineParts {
  readonly source: Source;
  /** Absent: this process is on its own. */
  readonly remote: { readonly store: RemoteStore; readonly breaker: CircuitBreaker } | undefined;
  readonly context: ReadContext;
  readonly rowTypes: RowTypes;
  readonly memoryMaxBytes: number;
  readonly maxEntryBytes: number;
  readonly heartbeatMs: number;
  readonly events: GuardedEmitter<AggregationCacheEvents>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The cache without its surroundings: tiers, validity and flights over a source and a store. */
export class CacheEngine {
  readonly #parts: CacheEngineParts;
  readonly #memory: MemoryTier<MemoryEntry>;
  readonly #table: GenerationTable;
  readonly #flights = new Flights<Loaded>();
  readonly #remote: LoaderParts['remote'];
  readonly #loader: Loader;
  readonly #reads = { memory: 0, remote: 0, member: 0, joined: 0, failed: 0 };
  #fills = 0;
  #invalidations = 0;
  #closed = false;

  constructor(parts: CacheEngineParts) {
    this.#parts = parts;
    this.#table = new GenerationTable(parts.clock);
    this.#memory = new MemoryTier({ maxBytes: parts.memoryMaxBytes });
    this.#remote = this.#watchRemote();
    this.#loader = new Loader({
      ...parts,
      memory: this.#memory,
      table: this.#table,
      remote: this.#remote,
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
    const startedAt = this.#parts.clock.now();
    try {
      readToken('after', options.after);
      throwIfAborted(options.signal);
      const read = await prepareRead(pipelineClass, params, options.tenant, this.#parts.context);
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

  async invalidate(invalidation: Invalidation): Promise<InvalidationResult> {
    this.#assertOpen();
    readToken('after', invalidation.after);
    const collections = readCollections(invalidation.collections, this.#parts.context.database);
    const after = invalidation.after ?? (await this.#parts.source.currentPoint());
    const { slots } = this.#table.move(collections, after);
    this.#invalidations += 1;
    let published: boolean | undefined;
    if (this.#remote !== undefined) {
      const { pending } = this.#remote;
      pending.add(slots.map((slot) => ({ namespace: slot.namespace, after: slot.after })));
      published = await pending.flush();
    }
    this.#parts.events.emit('invalidated', { collections, by: 'caller', published });
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
      members: this.#parts.source.members(),
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#remote?.watch.close();
    this.#parts.source.close();
    await this.#loader.close();
    this.#memory.clear();
  }

  /** An answer that needs no question to anybody. */
  #fromMemory(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
  ): MemoryEntry | undefined {
    const entry = this.#memory.get(read.localKey);
    if (entry === undefined) return undefined;
    if (!isRight(entry, this.#parts.clock.now(), after?.operationTime)) return undefined;
    return this.#vouchesFor(entry.verifiedAt) ? entry : undefined;
  }

  /** A process on its own has nobody who could invalidate behind its back. */
  #vouchesFor(verifiedAt: number): boolean {
    return this.#remote?.watch.vouchesFor(verifiedAt) ?? true;
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
      read.localKey,
      {
        ticket,
        askedAt: this.#parts.clock.now(),
        after: after?.operationTime,
        vouchesFor: (askedAt) => this.#vouchesFor(askedAt),
      },
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
    const now = this.#parts.clock.now();
    const ageMs = now - loadedAt;
    this.#reads[source] += 1;
    if (source === 'member') {
      if (joined) this.#reads.joined += 1;
      this.#parts.events.emit('missed', { pipelineClass: name, key, joined });
    } else this.#parts.events.emit('hit', { pipelineClass: name, key, source, ageMs });
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
    const { remote, events, clock, heartbeatMs } = this.#parts;
    if (remote === undefined) return undefined;
    const { store, breaker } = remote;
    const table = this.#table;
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

  #assertOpen(): void {
    if (this.#closed) throw new AggregationCacheError('CLOSED', 'The cache was closed.', {});
  }
}
