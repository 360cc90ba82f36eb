import type { Clock, GuardedEmitter, Random } from '@nestcms/circuit-breaker';
import type { ReadMode } from '../classes/pipeline-class.js';
import { AggregationCacheError } from '../errors.js';
import type { MemoryEntry } from '../memory/memory-entry.js';
import type { MemoryTier } from '../memory/memory-tier.js';
import { type Tracer, traced } from '../ports/tracer.js';
import type { CausalToken } from '../validity/causal-token.js';
import type { GenerationTable } from '../validity/generation-table.js';
import type { Auditor } from './auditor.js';
import type { AggregationCacheEvents } from './events.js';
import { Flights } from './flights.js';
import { freshnessOf } from './freshness.js';
import { isRight } from './is-right.js';
import { type Loaded, loadedFrom } from './loaded.js';
import type { Loader } from './loader.js';
import type { PreparedRead } from './prepare-read.js';
import type { PreparedReadOptions } from './prepared-query.js';
import { attributesOf, attributesOfStream } from './read-attributes.js';
import { ReadResult } from './read-result.js';
import type { OpenedStream } from './traced-stream.js';
import { untilAborted } from './until-aborted.js';
import type { RemoteParts } from './verifier.js';
import { withinMs } from './within-ms.js';

export interface AnswererParts {
  readonly memory: MemoryTier;
  readonly table: GenerationTable;
  /** Absent: this process is on its own. */
  readonly remote: RemoteParts | undefined;
  readonly loader: Loader;
  readonly auditor: Auditor;
  readonly maxEntryBytes: number;
  /** Whether nobody can say what changed in the database, though somebody was to. */
  readonly isStalled: () => boolean;
  readonly events: GuardedEmitter<AggregationCacheEvents>;
  readonly tracer?: Tracer | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Answers prepared reads, from memory where that is right, and counts where answers came from. */
export class Answerer {
  readonly #parts: AnswererParts;
  readonly #loads = new Flights<Loaded>();
  readonly #reads = { memory: 0, remote: 0, member: 0, joined: 0, stale: 0, failed: 0 };

  constructor(parts: AnswererParts) {
    this.#parts = parts;
  }

  get reads(): Readonly<
    Record<'memory' | 'remote' | 'member' | 'joined' | 'stale' | 'failed', number>
  > {
    return { ...this.#reads };
  }

  answer<Row>(read: PreparedRead<unknown>, options: PreparedReadOptions): Promise<ReadResult<Row>> {
    const { tracer } = this.#parts;
    if (tracer === undefined) return this.#answerNow(read, options);
    return traced(tracer, 'read', {
      attributes: { class: read.pipelineClass.name },
      work: () => this.#answerNow<Row>(read, options),
      tell: attributesOf,
    });
  }

  /** An answer from memory waits for nothing. */
  #answerNow<Row>(
    read: PreparedRead<unknown>,
    options: PreparedReadOptions,
  ): Promise<ReadResult<Row>> {
    const { clock, tracer } = this.#parts;
    const startedAt = clock.now();
    const work = () => this.#fromMemory(read, options.after, startedAt);
    const kept = tracer === undefined ? work() : traced(tracer, 'memory', { work });
    return kept === undefined
      ? this.#answerLoaded<Row>(read, options, startedAt)
      : Promise.resolve(this.#result<Row>(read, kept, false, startedAt, startedAt));
  }

  async #answerLoaded<Row>(
    read: PreparedRead<unknown>,
    options: PreparedReadOptions,
    startedAt: number,
  ): Promise<ReadResult<Row>> {
    try {
      const { promise, joined } = this.#load(read, options.after, startedAt);
      const { hardTimeoutMs } = read.pipelineClass;
      const limited =
        hardTimeoutMs === undefined
          ? promise
          : withinMs(promise, hardTimeoutMs, this.#parts.clock, () =>
              readTimeout(read.pipelineClass.name, hardTimeoutMs),
            );
      const loaded = await untilAborted(limited, options.signal);
      return this.#result<Row>(read, loaded, joined, startedAt);
    } catch (error) {
      this.failed();
      throw error;
    }
  }

  async openStream<Row>(
    read: PreparedRead<unknown>,
    { after, signal }: PreparedReadOptions,
  ): Promise<OpenedStream<Row>> {
    const { clock, maxEntryBytes, tracer } = this.#parts;
    const startedAt = clock.now();
    const kept = traced(tracer, 'memory', {
      work: () => this.#fromMemory(read, after, startedAt),
    });
    const order = { after, signal, blind: this.#isBlind(read.pipelineClass.mode) };
    const opened =
      kept === undefined ? await this.#parts.loader.stream(read, order, maxEntryBytes) : { kept };
    if ('kept' in opened) {
      const result = this.#result<Row>(read, opened.kept, false, startedAt);
      return { batches: [result.rows], attributes: attributesOf(result) };
    }
    this.missed(read, false);
    const { member } = opened;
    const batches = opened.batches as AsyncIterable<readonly Row[]>;
    return { batches, attributes: attributesOfStream(read, member) };
  }

  /** An answer that needs no question to anybody. */
  #fromMemory(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
    now: number,
  ): Loaded | undefined {
    const { mode, earlyRefresh, staleWhileRevalidateMs } = read.pipelineClass;
    if (mode === 'strict' && this.#parts.remote !== undefined) return undefined;
    if (this.#isBlind(mode)) return undefined;
    const entry = this.#parts.memory.find(read.memoryKey);
    if (entry === undefined || !isRight(entry, now, after?.operationTime)) return undefined;
    if (!this.#vouchesFor(mode, entry.verifiedAt)) return undefined;
    const freshness = freshnessOf(entry, now, earlyRefresh, this.#parts.random);
    if (freshness === 'fresh') return loadedFrom(entry, 'memory');
    if (freshness === 'early') {
      this.#refresh(read, entry, 'early');
      return loadedFrom(entry, 'memory');
    }
    if (now - entry.freshUntil >= staleWhileRevalidateMs) return undefined;
    this.#refresh(read, entry, 'stale');
    const { name } = read.pipelineClass;
    const ageMs = now - entry.loadedAt;
    this.#parts.events.emit('servedStale', {
      pipelineClass: name,
      key: read.key,
      reason: 'revalidating',
      ageMs,
    });
    return loadedFrom(entry, 'memory', true);
  }

  /** A process on its own has nobody who could invalidate behind its back. */
  #vouchesFor(mode: ReadMode, verifiedAt: number): boolean {
    return mode === 'eventual' || (this.#parts.remote?.watch.vouchesFor(verifiedAt) ?? true);
  }

  #load(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
    startedAt: number,
  ): { readonly promise: Promise<Loaded>; readonly joined: boolean } {
    const { mode } = read.pipelineClass;
    if (read.uncacheable !== undefined) {
      return {
        promise: this.#parts.loader.load(read, { after }, { restamp: () => {} }),
        joined: false,
      };
    }
    const blind = this.#isBlind(mode);
    return this.#loads.join(
      blind ? `${read.localKey}:blind` : read.localKey,
      {
        ticket: this.#parts.table.ticket(read.dependencies),
        askedAt: startedAt,
        after: after?.operationTime,
        vouchesFor: (askedAt) =>
          mode === 'strict' || blind ? askedAt >= startedAt : this.#vouchesFor(mode, askedAt),
      },
      (control) => this.#parts.loader.load(read, { after, blind }, control),
    );
  }

  /** In the background, once per key. */
  #refresh(read: PreparedRead<unknown>, entry: MemoryEntry, reason: 'early' | 'stale'): void {
    const { events, clock } = this.#parts;
    const { name } = read.pipelineClass;
    const { promise, joined } = this.#loads.join(
      `${read.localKey}:refresh`,
      {
        ticket: this.#parts.table.ticket(read.dependencies),
        askedAt: clock.now(),
        after: undefined,
        vouchesFor: () => true,
      },
      (control) =>
        this.#parts.loader.load(read, { after: undefined, fresherThan: entry.freshUntil }, control),
    );
    if (joined) return;
    events.emit('refreshing', { pipelineClass: name, key: read.key, reason });
    promise.catch((error: unknown) => {
      events.emit('refreshFailed', { pipelineClass: name, key: read.key, error });
    });
  }

  #result<Row>(
    read: PreparedRead<unknown>,
    loaded: Loaded,
    joined: boolean,
    startedAt: number,
    now = this.#parts.clock.now(),
  ): ReadResult<Row> {
    const { source, loadedAt, stale } = loaded;
    const { name } = read.pipelineClass;
    const ageMs = now - loadedAt;
    if (stale) this.#reads.stale += 1;
    if (source === 'member') {
      this.missed(read, joined);
    } else {
      this.#reads[source] += 1;
      this.#parts.auditor.hit(read, loaded);
      if (this.#parts.events.hears('hit')) {
        this.#parts.events.emit('hit', {
          pipelineClass: name,
          key: read.key,
          source,
          ageMs,
          stale,
        });
      }
    }
    return new ReadResult<Row>(read, loaded, { joined, ageMs, tookMs: now - startedAt });
  }

  missed({ pipelineClass, key }: PreparedRead<unknown>, joined: boolean): void {
    this.#reads.member += 1;
    if (joined) this.#reads.joined += 1;
    this.#parts.events.emit('missed', { pipelineClass: pipelineClass.name, key, joined });
  }

  /** A read that ended without an answer. */
  failed(): void {
    this.#reads.failed += 1;
  }

  #isBlind(mode: ReadMode): boolean {
    return mode !== 'eventual' && this.#parts.isStalled();
  }
}

const readTimeout = (
  pipelineClass: string,
  hardTimeoutMs: number,
): AggregationCacheError<'READ_TIMEOUT'> =>
  new AggregationCacheError(
    'READ_TIMEOUT',
    `'${pipelineClass}' had no answer within its ${hardTimeoutMs} ms.`,
    { pipelineClass, hardTimeoutMs },
  );
