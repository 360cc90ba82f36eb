import type { Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';
import { type DependencySet, isCurrentSince } from '../validity/generation-table.js';
import { NONE } from './eviction/slot-lists.js';
import { digestOfRows, type PackedRows, unpackRows } from './packed-rows.js';

/** What tells whether rows are the kept ones: their bytes as they are kept, or else what stands for them. */
export type RowEvidence = PackedRows | readonly Uint8Array[] | { readonly digest: string };

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
  readonly #evidence: RowEvidence | undefined;

  /**
   * @param rows or what decodes them, told for which entry
   * @param evidence of the rows as they came; absent where nobody asks
   */
  constructor(
    slot: number,
    facts: EntryFacts,
    validity: EntryValidity,
    rows: readonly unknown[] | ((entry: MemoryEntry) => readonly unknown[]),
    evidence?: RowEvidence,
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
    this.#evidence = evidence;
  }

  /** Whether these are the kept rows, byte for byte; undefined where nothing tells. */
  isOf(raw: readonly Uint8Array[]): boolean | undefined {
    const evidence = this.#evidence;
    if (evidence === undefined) return undefined;
    if (typeof evidence === 'object' && 'digest' in evidence) {
      return evidence.digest === digestOfRows(raw);
    }
    const isPacked = typeof evidence === 'string' || evidence instanceof Uint8Array;
    const kept = isPacked ? unpackRows(evidence) : evidence;
    return Buffer.concat(kept).equals(Buffer.concat(raw));
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
