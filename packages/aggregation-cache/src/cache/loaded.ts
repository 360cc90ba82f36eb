import type { Timestamp } from 'mongodb';
import type { MemoryEntry } from '../memory/memory-entry.js';
import type { ServedBy } from '../ports/source.js';
import type { ReadSource } from './events.js';

/** Rows, and where they are from. */
export interface Loaded {
  /** Decoded when they are first wanted, if that was not before. */
  readonly rows: readonly unknown[];
  /** Whether these are the same, byte for byte; undefined where nothing tells. */
  isOf?(raw: readonly Uint8Array[]): boolean | undefined;
  readonly source: ReadSource;
  readonly loadedAt: number;
  readonly member: ServedBy | undefined;
  readonly asOf: Timestamp | undefined;
  readonly costMs: number;
  /** Past its time to live. */
  readonly stale: boolean;
}

/** What memory has, as an answer. */
export const loadedFrom = (entry: MemoryEntry, source: ReadSource, stale = false): Loaded =>
  new LoadedEntry(entry, source, stale);

class LoadedEntry implements Loaded {
  readonly source: ReadSource;
  readonly loadedAt: number;
  readonly member: ServedBy | undefined;
  readonly asOf: Timestamp | undefined;
  readonly costMs: number;
  readonly stale: boolean;
  readonly #entry: MemoryEntry;

  constructor(entry: MemoryEntry, source: ReadSource, stale: boolean) {
    this.source = source;
    this.loadedAt = entry.loadedAt;
    this.member = entry.member;
    this.asOf = entry.asOf;
    this.costMs = entry.costMs;
    this.stale = stale;
    this.#entry = entry;
  }

  get rows(): readonly unknown[] {
    return this.#entry.rows;
  }

  isOf(raw: readonly Uint8Array[]): boolean | undefined {
    return this.#entry.isOf(raw);
  }
}
