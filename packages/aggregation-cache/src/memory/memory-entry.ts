import type { Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';
import { type DependencySet, isCurrentSince } from '../validity/generation-table.js';
import { NONE } from './eviction/slot-lists.js';
import { type PackedRows, unpackRows } from './packed-rows.js';

/** What there is to know of a result that is kept. Monotonic ms. */
export interface EntryFacts {
  readonly loadedAt: number;
  readonly freshUntil: number;
  /** Until then a class may allow it as a stale answer. */
  readonly expiresAt: number;
  readonly costMs: number;
  readonly asOf: Timestamp | undefined;
  readonly member: ServedBy | undefined;
  /** When its generations were last known to stand. */
  readonly verifiedAt: number;
}

/** What has not moved since when. */
export interface EntryValidity {
  readonly dependsOn: DependencySet;
  readonly stamp: number;
}

/** A result kept in this process, as its readers see it: made when it is looked up, and kept while there is room. */
export class MemoryEntry implements EntryFacts {
  readonly loadedAt: number;
  readonly freshUntil: number;
  readonly expiresAt: number;
  readonly costMs: number;
  readonly asOf: Timestamp | undefined;
  readonly member: ServedBy | undefined;
  verifiedAt: number;
  /** Whether it was looked up since the tier last asked. */
  isWarm = false;
  /** Where it is kept, among the objects too, and what it takes: the tier's own. */
  readonly slot: number;
  place = NONE;
  weight = 0;
  readonly #validity: EntryValidity;
  #decode: ((entry: MemoryEntry) => readonly unknown[]) | undefined;
  #rows: readonly unknown[] | undefined;
  readonly #bytes: PackedRows | readonly Uint8Array[] | undefined;

  /**
   * @param rows or what decodes them, told for which entry
   * @param bytes the rows as they came, where they are kept
   */
  constructor(
    slot: number,
    facts: EntryFacts,
    validity: EntryValidity,
    rows: readonly unknown[] | ((entry: MemoryEntry) => readonly unknown[]),
    bytes?: PackedRows | readonly Uint8Array[],
  ) {
    this.slot = slot;
    this.loadedAt = facts.loadedAt;
    this.freshUntil = facts.freshUntil;
    this.expiresAt = facts.expiresAt;
    this.costMs = facts.costMs;
    this.asOf = facts.asOf;
    this.member = facts.member;
    this.verifiedAt = facts.verifiedAt;
    this.#validity = validity;
    if (typeof rows === 'function') this.#decode = rows;
    else this.#rows = rows;
    this.#bytes = bytes;
  }

  /** The rows as BSON; undefined where they are kept decoded alone. */
  get raw(): readonly Uint8Array[] | undefined {
    const bytes = this.#bytes;
    return typeof bytes === 'string' || bytes instanceof Uint8Array ? unpackRows(bytes) : bytes;
  }

  /** Frozen, and handed to every caller; decoded when they are first wanted. */
  get rows(): readonly unknown[] {
    if (this.#rows === undefined) {
      this.#rows = this.#decode?.(this) ?? [];
      this.#decode = undefined;
    }
    return this.#rows;
  }

  /** The movements that it has seen. */
  get stamp(): number {
    return this.#validity.stamp;
  }

  /** Whether nothing moved that it depends on. */
  isCurrent(): boolean {
    return isCurrentSince(this.#validity.dependsOn, this.#validity.stamp);
  }
}
