import type { Clock, Random } from '@nestcms/circuit-breaker';
import { isAggregationCacheError } from '../errors.js';
import type { MemoryTier } from '../memory/memory-tier.js';
import { weigh } from '../memory/weigh.js';
import type { Generation } from '../ports/remote-store.js';
import type { ServedBy, Source, SourceAnswer } from '../ports/source.js';
import type { RemoteAnswer, RemoteTier, RemoteValue } from '../remote/remote-tier.js';
import { decodeRows, type RowTypes } from '../rows/decode-rows.js';
import { freezeDeep } from '../rows/freeze-deep.js';
import { type CausalToken, later, reaches } from '../validity/causal-token.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { PendingInvalidations } from '../validity/pending-invalidations.js';
import type { RemoteWatch } from '../validity/remote-watch.js';
import type { EventSink, NotStoredReason, ReadSource } from './events.js';
import type { FlightControl } from './flights.js';
import { isRight, type MemoryEntry } from './memory-entry.js';
import type { PreparedRead } from './prepare-read.js';

/** Rows, and where they are from. */
export interface Loaded {
  readonly rows: readonly unknown[];
  readonly source: ReadSource;
  readonly loadedAt: number;
  readonly member: ServedBy | undefined;
}

export interface LoaderParts {
  readonly source: Source;
  readonly memory: MemoryTier<MemoryEntry>;
  readonly table: GenerationTable;
  /** Absent without a remote store. */
  readonly remote:
    | {
        readonly tier: RemoteTier;
        readonly watch: RemoteWatch;
        readonly pending: PendingInvalidations;
      }
    | undefined;
  readonly rowTypes: RowTypes;
  readonly maxEntryBytes: number;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** The generations that the remote store named before the data was asked for. */
type Standing = readonly Generation[] | undefined;

/** Answers what memory could not: from the remote store, else from a member, and keeps the answer. */
export class Loader {
  readonly #parts: LoaderParts;
  readonly #background = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  async load(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
    control: FlightControl,
  ): Promise<Loaded> {
    const { table, clock } = this.#parts;
    const askedAt = clock.now();
    const fill = (standing: Standing) =>
      this.#fill(read, after, control, { standing, verifiedAt: askedAt });
    if (read.uncacheable !== undefined) return fill(undefined);
    const asked = table.ticket(read.namespaces);
    const looked = await this.#look(read);
    // Something moved while the remote store was asked: its answer may be the older of the two.
    if (looked === undefined || !asked.isCurrent()) return fill(undefined);
    this.#parts.remote?.watch.adopt(asked, looked.generations);
    const kept = this.#confirm(read, askedAt, after);
    if (kept !== undefined) return { ...kept, source: 'memory' };
    const ticket = table.ticket(read.namespaces);
    control.restamp(ticket, askedAt);
    const found = await this.#take(read, looked.value, ticket, askedAt, after);
    return found ?? fill(looked.generations);
  }

  /** Keeps nothing from now on, and resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#background);
  }

  async #look(read: PreparedRead<unknown>): Promise<RemoteAnswer | undefined> {
    const { remote } = this.#parts;
    if (remote === undefined || remote.pending.blocks(read.namespaces)) return undefined;
    return remote.tier.look(read);
  }

  /** What memory has, now that its generations are known to stand. */
  #confirm(
    read: PreparedRead<unknown>,
    verifiedAt: number,
    after: CausalToken | undefined,
  ): MemoryEntry | undefined {
    const { memory, clock } = this.#parts;
    const entry = memory.get(read.localKey);
    if (entry === undefined || !isRight(entry, clock.now(), after?.operationTime)) return undefined;
    entry.verifiedAt = Math.max(entry.verifiedAt, verifiedAt);
    return entry;
  }

  /** The remote value as an answer, if it is one for this reader. */
  async #take(
    read: PreparedRead<unknown>,
    value: RemoteValue | undefined,
    ticket: Ticket,
    askedAt: number,
    after: CausalToken | undefined,
  ): Promise<Loaded | undefined> {
    if (value === undefined || !reaches(value.header.asOf, after?.operationTime)) return undefined;
    const { memory, rowTypes, remote } = this.#parts;
    const heldMs = Math.max(0, value.header.ttlMs - value.remainingMs);
    // The class may have been given a shorter life since, and a value may have lost its end.
    const remainingMs = Math.min(value.remainingMs, read.pipelineClass.ttlMs - heldMs);
    if (remainingMs <= 0) return undefined;
    let rows: readonly unknown[];
    try {
      rows = await decodeRows(value.rows, rowTypes, read.pipelineClass);
    } catch (error) {
      const reason = isAggregationCacheError(error, 'INVALID_ROW') ? 'schema' : 'corrupt';
      remote?.tier.discard(read, reason);
      return undefined;
    }
    const loadedAt = askedAt - heldMs;
    const { asOf } = value.header;
    const member = freezeDeep(value.header.member);
    memory.set(
      read.localKey,
      {
        rows,
        ticket,
        verifiedAt: askedAt,
        loadedAt,
        expiresAt: askedAt + remainingMs,
        asOf,
        member,
      },
      weigh(rows),
    );
    return { rows, source: 'remote', loadedAt, member };
  }

  async #fill(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
    control: FlightControl,
    known: { readonly standing: Standing; readonly verifiedAt: number },
  ): Promise<Loaded> {
    const { table, source, clock, rowTypes } = this.#parts;
    const ticket = table.ticket(read.namespaces);
    const loadedAt = clock.now();
    control.restamp(ticket, loadedAt);
    const wanted = later(after, ticket.after());
    const answer = await source.fetch({
      pipelineClass: read.pipelineClass,
      pipeline: read.pipeline,
      options: read.options,
      after: wanted,
    });
    if (!answer.storable && wanted !== undefined) table.distrust(ticket, wanted);
    const rows = await decodeRows(answer.rows, rowTypes, read.pipelineClass);
    const member = freezeDeep(answer.member);
    this.#parts.events.emit('filled', {
      pipelineClass: read.pipelineClass.name,
      key: read.key,
      member,
      rows: rows.length,
      bytes: byteLength(answer.rows),
      tookMs: clock.now() - loadedAt,
    });
    this.#keep(read, answer, { rows, ticket, loadedAt, ...known });
    return { rows, source: 'member', loadedAt, member };
  }

  #keep(
    read: PreparedRead<unknown>,
    answer: SourceAnswer,
    made: {
      readonly rows: readonly unknown[];
      readonly ticket: Ticket;
      readonly loadedAt: number;
      readonly verifiedAt: number;
      readonly standing: Standing;
    },
  ): void {
    const { memory, maxEntryBytes, clock, random } = this.#parts;
    const { pipelineClass, key } = read;
    const { rows, ticket, loadedAt, verifiedAt, standing } = made;
    if (this.#isClosed) return;
    const bytes = byteLength(answer.rows);
    const reason = whyNotToKeep(read, answer, ticket, bytes > maxEntryBytes);
    if (reason !== undefined) {
      this.#notStored(read, reason);
      return;
    }
    const { ttlMs, ttlJitter } = pipelineClass;
    const livesMs = Math.max(1, Math.round(ttlMs * (1 - ttlJitter * random())));
    const expiresAt = loadedAt + livesMs;
    const { asOf, member } = answer;
    const entry: MemoryEntry = { rows, ticket, verifiedAt, loadedAt, expiresAt, asOf, member };
    if (!memory.set(read.localKey, entry, weigh(rows))) this.#notStored(read, 'tooLarge');
    const leftMs = Math.floor(expiresAt - clock.now());
    if (standing === undefined || leftMs < 1) return;
    const header = {
      pipelineClass: pipelineClass.name,
      version: pipelineClass.version,
      key,
      generations: standing.map(({ namespace, id }) => [namespace, id] as const),
      ttlMs: livesMs,
      member,
      asOf,
    };
    this.#inBackground(this.#keepRemotely(read, header, answer.rows, leftMs, entry));
  }

  /** The caller does not wait for it: its rows are right whether or not they are kept. */
  async #keepRemotely(
    read: PreparedRead<unknown>,
    header: Parameters<RemoteTier['store']>[0],
    rows: readonly Uint8Array[],
    leftMs: number,
    entry: MemoryEntry,
  ): Promise<void> {
    const { remote, memory } = this.#parts;
    const outcome = await remote?.tier.store(header, rows, leftMs);
    if (outcome === 'refused') this.#notStored(read, 'tooLarge');
    if (outcome !== 'moved') return;
    // Another process invalidated while this one loaded, and its message is still on the way.
    memory.delete(read.localKey, entry);
    this.#notStored(read, 'moved');
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }

  #notStored(read: PreparedRead<unknown>, reason: NotStoredReason): void {
    const { pipelineClass, key, uncacheable } = read;
    this.#parts.events.emit('notStored', {
      pipelineClass: pipelineClass.name,
      key,
      reason,
      detail: uncacheable,
    });
  }
}

const whyNotToKeep = (
  { uncacheable }: PreparedRead<unknown>,
  { storable }: SourceAnswer,
  ticket: Ticket,
  isTooLarge: boolean,
): NotStoredReason | undefined => {
  if (uncacheable !== undefined) return 'uncacheable';
  if (!storable) return 'timeUnknown';
  if (!ticket.isCurrent()) return 'moved';
  return isTooLarge ? 'tooLarge' : undefined;
};

const byteLength = (rows: readonly Uint8Array[]): number =>
  rows.reduce((sum, row) => sum + row.byteLength, 0);
