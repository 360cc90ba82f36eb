import type { DependencySet, GenerationTable, Ticket } from '../validity/generation-table.js';
import { EntryColumns } from './entry-columns.js';
import { EvictionPolicy } from './eviction/eviction-policy.js';
import { costClass } from './eviction/segmented-policy.js';
import { NONE } from './eviction/slot-lists.js';
import { KeyIndex } from './key-index.js';
import { type EntryFacts, MemoryEntry, type RowEvidence } from './memory-entry.js';
import type { MemoryKey } from './memory-key.js';
import { type PackedRows, packedBytes, packRows, unpackRows } from './packed-rows.js';
import { weigh } from './weigh.js';

/** What an entry takes beside its rows: key, links, times, and its share of what the policy remembers. */
export const ENTRY_BYTES = 173;
/** What one that was looked up takes besides. */
export const WARM_BYTES = 184;
/** So many of those looked up are asked whether they were again, before an entry goes as a whole. */
const ASKED_AT_ONCE = 8;
const LEAST_SLOTS = 64;

/** What is to be kept. */
export interface Keeping extends EntryFacts {
  readonly ticket: Ticket;
  /**
   * The rows as BSON; absent if they cannot be made of it again without waiting, for a schema has a say. Then
   * they are kept decoded alone.
   */
  readonly raw?: readonly Uint8Array[] | undefined;
  /** Stands for the bytes of rows that are kept decoded alone, if they are to be compared. */
  readonly digest?: string | undefined;
  /** The rows decoded and frozen, if they were. */
  readonly rows?: readonly unknown[] | undefined;
  /** Somebody is given the entry at once: what he decodes is there for the next reader too. */
  readonly isAwaited?: boolean;
}

export interface MemoryTierOptions {
  readonly maxBytes: number;
  readonly table: GenerationTable;
  /** Rows of BSON as frozen objects. */
  readonly decode: (raw: readonly Uint8Array[]) => readonly unknown[];
}

/**
 * Keeps results as bytes, up to a number of bytes; those that are read also decoded, as long as there is room.
 * When there is none, first what is decoded and was not read lately goes, then whole entries by the
 * {@link EvictionPolicy}. Numbered slots in columns: an entry that nobody reads is no object.
 */
export class MemoryTier {
  readonly #options: MemoryTierOptions;
  readonly #index = new KeyIndex();
  readonly #columns = new EntryColumns();
  readonly #policy = new EvictionPolicy();
  readonly #packed: (PackedRows | undefined)[] = [];
  readonly #dependsOn: (DependencySet | undefined)[] = [];
  /** The entries that are objects. */
  readonly #objects: (MemoryEntry | undefined)[] = [];
  /** Those of them that can be made again from bytes, walked by a hand. */
  readonly #warm: MemoryEntry[] = [];
  readonly #free: number[] = [];
  #hand = 0;
  #warmBytes = 0;
  #entries = 0;
  #capacity = 0;
  #evictions = 0;

  constructor(options: MemoryTierOptions) {
    this.#options = options;
  }

  /** The entry, which counts as just used; undefined if there is none, or one that is void. */
  find(key: MemoryKey): MemoryEntry | undefined {
    const slot = this.#index.find(key);
    if (slot === NONE) return undefined;
    const entry = this.#objects[slot] ?? this.#makeObject(slot);
    if (!entry.isCurrent()) {
      this.#policy.remove(slot);
      this.#drop(slot);
      return undefined;
    }
    this.#policy.touch(slot, key.d);
    entry.isWarm = true;
    return entry;
  }

  /**
   * Keeps a result, instead of what was kept under its key, and lets go what is worth least until all fits: it
   * may be this one.
   * @returns the entry, kept or not; `fits` is false if it alone is over the bound
   */
  set(
    key: MemoryKey,
    keeping: Keeping,
  ): { readonly entry: MemoryEntry; readonly fits: boolean; readonly isKept: boolean } {
    const { maxBytes, table } = this.#options;
    const { ticket, raw, rows } = keeping;
    const bytes = raw === undefined ? 0 : byteLength(raw);
    const weight = rows === undefined ? 0 : weigh(rows);
    const alone = raw === undefined ? WARM_BYTES + weight : packedBytes(bytes);
    const known = this.#index.find(key);
    if (ENTRY_BYTES + alone > maxBytes) {
      if (known !== NONE) this.#remove(known);
      return { entry: this.#passing(keeping), fits: false, isKept: false };
    }
    const packed = raw === undefined ? undefined : packRows(raw, bytes);
    const dependsOn = table.hold(ticket);
    const slot = known === NONE ? this.#take(key) : known;
    if (known !== NONE) this.#letGo(known);
    const entry = this.#entryOf(slot, keeping, dependsOn, packed);
    this.#columns.write(slot, keeping, ticket.stamp);
    this.#dependsOn[slot] = dependsOn;
    this.#packed[slot] = packed;
    const cost = costClass(keeping.costMs);
    if (known === NONE) this.#policy.add(slot, key.d >>> 0, ENTRY_BYTES + alone, cost);
    else this.#policy.change(slot, ENTRY_BYTES + alone, cost);
    // Rows that nobody has read yet wait as bytes, not as an object.
    const isRead = rows !== undefined || keeping.isAwaited === true;
    this.#objects[slot] = isRead ? entry : undefined;
    if (isRead && packed !== undefined) this.#warmUp(entry, weight);
    this.#makeRoom();
    return { entry, fits: true, isKept: this.#index.find(key) === slot };
  }

  /** Drops what is kept under `key`; with `entry`, only if it is still that one. */
  delete(key: MemoryKey, entry?: MemoryEntry): void {
    const slot = this.#index.find(key);
    if (slot === NONE || (entry !== undefined && !this.#isKept(slot, entry))) return;
    this.#remove(slot);
  }

  clear(): void {
    for (let slot = this.#policy.evict(); slot !== NONE; slot = this.#policy.evict()) {
      this.#drop(slot);
    }
  }

  stats(): { entries: number; bytes: number; maxBytes: number; evictions: number } {
    return {
      entries: this.#entries,
      bytes: this.#bytes,
      maxBytes: this.#options.maxBytes,
      evictions: this.#evictions,
    };
  }

  get #bytes(): number {
    return this.#policy.bytes + this.#warmBytes + this.#options.table.bytes;
  }

  #makeRoom(): void {
    const { maxBytes } = this.#options;
    while (this.#bytes > maxBytes) {
      if (this.#coolOne()) continue;
      const slot = this.#policy.evict();
      if (slot === NONE) return;
      this.#evictions += 1;
      this.#drop(slot);
    }
  }

  /** Lets go one object that was not looked up since the last round; its bytes stay. */
  #coolOne(): boolean {
    const warm = this.#warm;
    for (let asked = 0; asked < ASKED_AT_ONCE && warm.length > 0; asked += 1) {
      if (this.#hand >= warm.length) this.#hand = 0;
      const entry = warm[this.#hand] as MemoryEntry;
      if (!entry.isWarm) {
        this.#columns.verified(entry.slot, entry.verifiedAt);
        this.#objects[entry.slot] = undefined;
        this.#coolDown(entry);
        return true;
      }
      entry.isWarm = false;
      this.#hand += 1;
    }
    return false;
  }

  #makeObject(slot: number): MemoryEntry {
    const facts = this.#columns.read(slot);
    const dependsOn = this.#dependsOn[slot] as DependencySet;
    const ticket = { stamp: this.#columns.stampOf(slot) };
    const entry = this.#entryOf(slot, { ...facts, ticket }, dependsOn, this.#packed[slot]);
    this.#objects[slot] = entry;
    this.#warmUp(entry, 0);
    return entry;
  }

  /** The entry of what is not kept: its rows stay as they came, for as long as somebody has it. */
  #passing(keeping: Keeping): MemoryEntry {
    const { ticket, raw = [], rows } = keeping;
    const validity = { dependsOn: { slots: ticket.slots, holders: 0 }, stamp: ticket.stamp };
    const decode = () => this.#options.decode(raw);
    return new MemoryEntry(
      NONE,
      keeping,
      validity,
      rows ?? decode,
      evidenceOf(keeping, keeping.raw),
    );
  }

  #entryOf(
    slot: number,
    keeping: EntryFacts & {
      readonly ticket: { readonly stamp: number };
      readonly rows?: readonly unknown[] | undefined;
      readonly digest?: string | undefined;
    },
    dependsOn: DependencySet,
    packed: PackedRows | undefined,
  ): MemoryEntry {
    const { rows, ticket } = keeping;
    const decode = (entry: MemoryEntry) => this.#decode(entry, packed ?? '');
    const validity = { dependsOn, stamp: ticket.stamp };
    return new MemoryEntry(slot, keeping, validity, rows ?? decode, evidenceOf(keeping, packed));
  }

  #decode(entry: MemoryEntry, packed: PackedRows): readonly unknown[] {
    const rows = this.#options.decode(unpackRows(packed));
    if (this.#objects[entry.slot] === entry) {
      const weight = weigh(rows);
      entry.weight += weight;
      this.#warmBytes += weight;
      this.#makeRoom();
    }
    return rows;
  }

  #warmUp(entry: MemoryEntry, weight: number): void {
    entry.weight = WARM_BYTES + weight;
    entry.place = this.#warm.push(entry) - 1;
    this.#warmBytes += entry.weight;
  }

  #coolDown({ place, weight }: MemoryEntry): void {
    if (place === NONE) return;
    const last = this.#warm.pop() as MemoryEntry;
    if (last.place !== place) {
      this.#warm[place] = last;
      last.place = place;
    }
    this.#warmBytes -= weight;
  }

  /** Whether it is what `entry` was made of: the object itself may have been let go and made again. */
  #isKept(slot: number, entry: MemoryEntry): boolean {
    return this.#columns.holds(slot, entry.loadedAt, entry.stamp);
  }

  #remove(slot: number): void {
    this.#policy.remove(slot);
    this.#drop(slot);
  }

  /** Of what the policy has let go. */
  #drop(slot: number): void {
    this.#letGo(slot);
    this.#index.remove(slot);
    this.#packed[slot] = undefined;
    this.#dependsOn[slot] = undefined;
    this.#objects[slot] = undefined;
    this.#free.push(slot);
    this.#entries -= 1;
  }

  /** What hangs on the result in a slot. */
  #letGo(slot: number): void {
    const object = this.#objects[slot];
    if (object !== undefined) this.#coolDown(object);
    this.#options.table.release(this.#dependsOn[slot] as DependencySet);
  }

  #take(key: MemoryKey): number {
    const slot = this.#free.pop() ?? this.#entries;
    if (slot === this.#capacity) this.#grow();
    this.#index.add(slot, key);
    this.#entries += 1;
    return slot;
  }

  /** By little, for what is not used yet is held all the same. */
  #grow(): void {
    this.#capacity += Math.max(LEAST_SLOTS, this.#capacity >> 4);
    this.#index.grow(this.#capacity);
    this.#columns.grow(this.#capacity);
    this.#policy.grow(this.#capacity);
  }
}

const evidenceOf = (
  { digest }: { readonly digest?: string | undefined },
  bytes: PackedRows | readonly Uint8Array[] | undefined,
): RowEvidence | undefined => bytes ?? (digest === undefined ? undefined : { digest });

export const byteLength = (rows: readonly Uint8Array[]): number => {
  let bytes = 0;
  for (const row of rows) bytes += row.byteLength;
  return bytes;
};
