import type { Clock, Random } from '@nestcms/circuit-breaker';
import type { MemoryEntry } from '../memory/memory-entry.js';
import { byteLength, type Keeping, type MemoryTier } from '../memory/memory-tier.js';
import { digestOfRows } from '../memory/packed-rows.js';
import type { Generation, Lease } from '../ports/remote-store.js';
import type { SourceAnswer } from '../ports/source.js';
import type { RemoteTier } from '../remote/remote-tier.js';
import { isPlainlyDecoded } from '../rows/decode-rows.js';
import type { Ticket } from '../validity/generation-table.js';
import type { EventSink, NotStoredReason } from './events.js';
import type { PreparedRead } from './prepare-read.js';

/** An answer of the database, and what was known when it was asked. */
export interface Made {
  readonly answer: SourceAnswer;
  readonly rows: readonly unknown[];
  readonly ticket: Ticket;
  readonly loadedAt: number;
  readonly verifiedAt: number;
  /** The generations that the remote store named before; absent if it was not asked. */
  readonly standing: readonly Generation[] | undefined;
  /** The right under which it was loaded. */
  readonly lease: Lease | undefined;
}

export interface KeeperParts {
  readonly memory: MemoryTier;
  readonly remote: { readonly tier: RemoteTier } | undefined;
  readonly maxEntryBytes: number;
  readonly heartbeatMs: number;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps answers of the database in the tiers, if they may be kept. */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #background = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Keeps nothing from now on, and resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#background);
  }

  keep(read: PreparedRead<unknown>, made: Made): void {
    const bytes = byteLength(made.answer.rows);
    const reason = this.#isClosed
      ? 'uncacheable'
      : whyNotToKeep(read, made, bytes > this.#parts.maxEntryBytes);
    if (reason !== undefined) {
      if (!this.#isClosed) this.notStored(read, reason);
      this.letGo(made);
      return;
    }
    const { memory, clock } = this.#parts;
    const life = this.#lifeOf(read, made);
    const mostMs = this.#mostMs(read, made);
    const [freshMs, livesMs] = [Math.min(life.freshMs, mostMs), Math.min(life.livesMs, mostMs)];
    const { rows, ticket, verifiedAt, loadedAt, standing, answer, lease } = made;
    const leftMs = Math.floor(loadedAt + livesMs - clock.now());
    if (leftMs < 1) {
      this.notStored(read, 'expired');
      this.letGo(made);
      return;
    }
    const { asOf, member } = answer;
    const costMs = clock.now() - loadedAt;
    const [freshUntil, expiresAt] = [loadedAt + freshMs, loadedAt + livesMs];
    const times = { verifiedAt, loadedAt, freshUntil, expiresAt, costMs };
    const kept = memory.set(read.memoryKey, {
      rows,
      ...bytesToKeep(read.pipelineClass, answer.rows),
      ticket,
      ...times,
      asOf,
      member,
    });
    if (!kept.isKept) this.notStored(read, kept.fits ? 'outweighed' : 'tooLarge', 'memory');
    if (standing === undefined) {
      this.letGo(made);
      return;
    }
    const { name, version } = read.pipelineClass;
    const header = {
      pipelineClass: name,
      version,
      personal: read.pipelineClass.personal,
      compress: read.pipelineClass.compress !== 'off',
      key: read.key,
      generations: standing.map(({ dependency, id }) => [dependency, id] as const),
      ttlMs: livesMs,
      freshMs,
      costMs,
      member,
      asOf,
    };
    this.#inBackground(this.#keepRemotely(read, header, answer.rows, leftMs, lease, kept.entry));
  }

  notStored(
    read: PreparedRead<unknown>,
    reason: NotStoredReason,
    tier?: 'memory' | 'remote',
  ): void {
    const { pipelineClass, key, uncacheable } = read;
    this.#parts.events.emit('notStored', {
      pipelineClass: pipelineClass.name,
      key,
      reason,
      detail: uncacheable,
      tier,
    });
  }

  /** The jitter is taken off the fresh part, so that what was loaded together is not refreshed together. */
  #lifeOf(
    { pipelineClass }: PreparedRead<unknown>,
    { rows }: Made,
  ): { readonly freshMs: number; readonly livesMs: number } {
    const { ttlJitter, staleWhileRevalidateMs, staleIfErrorMs } = pipelineClass;
    const ttlMs = rows.length === 0 ? pipelineClass.emptyTtlMs : pipelineClass.ttlMs;
    const freshMs = Math.max(1, Math.round(ttlMs * (1 - ttlJitter * this.#parts.random())));
    const staleMs = Math.max(staleWhileRevalidateMs, staleIfErrorMs);
    return { freshMs, livesMs: freshMs + staleMs };
  }

  /**
   * What was invalidated since it was found out how new the rows have to be, messages tell a process only of what it
   * has asked the remote store for: of anything else it knows no longer than for a heartbeat.
   */
  #mostMs(
    { pipelineClass: { mode } }: PreparedRead<unknown>,
    { ticket, verifiedAt, loadedAt }: Made,
  ): number {
    const { remote, heartbeatMs } = this.#parts;
    if (remote === undefined || mode === 'eventual' || ticket.isHeardOf())
      return Number.POSITIVE_INFINITY;
    return verifiedAt + heartbeatMs - loadedAt;
  }

  /** The caller does not wait for it: its rows are right whether or not they are kept. */
  async #keepRemotely(
    read: PreparedRead<unknown>,
    header: Parameters<RemoteTier['store']>[0],
    rows: readonly Uint8Array[],
    leftMs: number,
    lease: Lease | undefined,
    entry: MemoryEntry,
  ): Promise<void> {
    const { remote, memory } = this.#parts;
    const outcome = await remote?.tier.store(header, rows, leftMs, lease);
    if (outcome === 'refused') this.notStored(read, 'tooLarge', 'remote');
    if (outcome === 'fenced') this.notStored(read, 'fenced', 'remote');
    if (outcome !== 'moved') return;
    // Another process invalidated while this one loaded, and its message is still on the way.
    memory.delete(read.memoryKey, entry);
    this.notStored(read, 'moved');
  }

  /** Nothing is stored under it: those who wait must not wait for nothing. */
  letGo({ lease }: Pick<Made, 'lease'>, failure?: Parameters<RemoteTier['release']>[1]): void {
    const { remote } = this.#parts;
    if (lease === undefined || remote === undefined) return;
    this.#inBackground(remote.tier.release(lease, failure));
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }
}

/** The rows' bytes, if rows can be made of them again without waiting; else what an audit needs to know of them. */
export const bytesToKeep = (
  pipelineClass: PreparedRead<unknown>['pipelineClass'],
  raw: readonly Uint8Array[],
): Pick<Keeping, 'raw' | 'digest'> => {
  if (isPlainlyDecoded(pipelineClass)) return { raw };
  return pipelineClass.auditRate > 0 ? { digest: digestOfRows(raw) } : {};
};

const whyNotToKeep = (
  { uncacheable }: PreparedRead<unknown>,
  { answer, ticket }: Made,
  isTooLarge: boolean,
): NotStoredReason | undefined => {
  if (uncacheable !== undefined) return 'uncacheable';
  if (!answer.storable) return 'timeUnknown';
  if (!ticket.isCurrent()) return 'moved';
  return isTooLarge ? 'tooLarge' : undefined;
};
