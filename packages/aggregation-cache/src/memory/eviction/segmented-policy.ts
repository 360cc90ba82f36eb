import { FrequencySketch, halve } from './frequency-sketch.js';
import { grown, NONE, SlotLists } from './slot-lists.js';

/** What is new, what proved itself once, and what did so again. */
const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;

/** Share of the whole that what is new may take before it has to prove itself. */
const WINDOW_SHARE = 0.01;
/** Share of the rest that is protected. */
const PROTECTED_SHARE = 0.8;
/** Counts are halved after so many requests per entry. */
const AGED_AFTER = 10;
/** One request, in a count that has room for what is left of it after it was halved a few times. */
const ONCE = 16;
/** More is as good as this. */
const HIGHEST_COUNT = 15 * ONCE;
const LEAST_ENTRIES = 64;

/**
 * What may be kept out to make room: by `frequency`, whatever was asked for least, compared with what is new
 * (W-TinyLFU: Einziger et al. 2017); by `recency`, what was unused for longest, as long as what is new was
 * asked for before.
 */
export type EvictionMode = 'frequency' | 'recency';

/** Decides over numbered slots which of them has to go. Keeps nothing itself. */
export class SegmentedPolicy {
  mode: EvictionMode = 'frequency';
  readonly #lists = new SlotLists(3);
  readonly #sketch = new FrequencySketch();
  readonly #bytesOf = [0, 0, 0];
  #segments = new Uint8Array(0);
  /** Whether it was asked for since it took its place. */
  #touched = new Uint8Array(0);
  #counts = new Uint8Array(0);
  #costs = new Uint8Array(0);
  #hashes = new Uint32Array(0);
  #bytes = new Uint32Array(0);
  #entries = 0;
  /** So many requests more, and all counts are halved. */
  #untilAged = AGED_AFTER * LEAST_ENTRIES;

  /** Room for slots up to `capacity`. */
  grow(capacity: number): void {
    this.#lists.grow(capacity);
    this.#segments = grown(this.#segments, capacity);
    this.#touched = grown(this.#touched, capacity);
    this.#counts = grown(this.#counts, capacity);
    this.#costs = grown(this.#costs, capacity);
    this.#hashes = grown(this.#hashes, capacity);
    this.#bytes = grown(this.#bytes, capacity);
  }

  get entries(): number {
    return this.#entries;
  }

  /** Sum of what was given as the entries' bytes. */
  get bytes(): number {
    return (
      (this.#bytesOf[0] as number) + (this.#bytesOf[1] as number) + (this.#bytesOf[2] as number)
    );
  }

  hashOf(slot: number): number {
    return this.#hashes[slot] as number;
  }

  bytesOf(slot: number): number {
    return this.#bytes[slot] as number;
  }

  costOf(slot: number): number {
    return this.#costs[slot] as number;
  }

  /**
   * @param hash 32 bits that stand for its key
   * @param cost what it took to load, as {@link costClass}
   */
  add(slot: number, hash: number, bytes: number, cost: number): void {
    this.#hashes[slot] = hash;
    this.#bytes[slot] = bytes;
    this.#costs[slot] = cost;
    const count = this.#sketch.count(hash);
    this.#counts[slot] = Math.min(HIGHEST_COUNT, count + ONCE);
    this.#entries += 1;
    this.#sketch.grow(this.#entries);
    // Nothing had to go for what came before, so it may stay without a comparison.
    while ((this.#bytesOf[WINDOW] as number) > WINDOW_SHARE * this.bytes) this.#admit();
    this.#put(WINDOW, slot);
    this.#counted();
  }

  /** It was asked for. A reader waits for this, so what follows from it waits until something has to go. */
  touch(slot: number): void {
    this.#touched[slot] = 1;
    const count = this.#counts[slot] as number;
    if (count >= HIGHEST_COUNT) return;
    this.#counts[slot] = count + ONCE;
    this.#counted();
  }

  /** It is kept no longer, but how often it was asked for is remembered. */
  remove(slot: number): void {
    this.#take(slot);
    this.#entries -= 1;
    this.#sketch.remember(this.#hashes[slot] as number, this.#counts[slot] as number);
  }

  /** Its bytes or what it cost are others now. */
  change(slot: number, bytes: number, cost: number): void {
    const segment = this.#segments[slot] as number;
    this.#bytesOf[segment] =
      (this.#bytesOf[segment] as number) - (this.#bytes[slot] as number) + bytes;
    this.#bytes[slot] = bytes;
    this.#costs[slot] = cost;
  }

  /**
   * Chooses what has to go, and removes it.
   * @returns {@link NONE} if nothing is left
   */
  evict(): number {
    const slot = this.#choose();
    if (slot !== NONE) this.remove(slot);
    return slot;
  }

  #choose(): number {
    const tail = this.#tail();
    const candidate = this.#oldest(WINDOW);
    if (tail === NONE || candidate === NONE) return tail === NONE ? candidate : tail;
    if ((this.#bytesOf[WINDOW] as number) <= WINDOW_SHARE * this.bytes) return tail;
    if (!this.#isWorthMore(candidate, tail)) return candidate;
    this.#admit();
    return tail;
  }

  #admit(): void {
    this.#move(this.#oldest(WINDOW), PROBATION);
  }

  #tail(): number {
    // What was protected by how often it was asked for and was not asked for since is the oldest by its use.
    if (this.mode === 'recency') {
      const kept = this.#oldest(PROTECTED);
      return kept === NONE ? this.#oldest(PROBATION) : kept;
    }
    const slot = this.#oldest(PROBATION);
    return slot === NONE ? this.#oldest(PROTECTED) : slot;
  }

  /** The oldest of a segment that was not asked for in its place; those that were move on to a new one. */
  #oldest(segment: number): number {
    for (;;) {
      const slot = this.#lists.oldest(segment);
      if (slot === NONE || this.#touched[slot] === 0) return slot;
      this.#move(slot, this.#next(segment));
      if (segment === PROBATION) this.#demote();
    }
  }

  #next(segment: number): number {
    if (segment === WINDOW) return WINDOW;
    return this.mode === 'frequency' ? PROTECTED : PROBATION;
  }

  #isWorthMore(candidate: number, tail: number): boolean {
    const count = this.#counts[candidate] as number;
    if (this.mode === 'recency' && count > ONCE) return true;
    return this.#worth(candidate, count - ONCE) >= this.#worth(tail, this.#lead(tail));
  }

  /**
   * What a newcomer must have been asked for before. Of two that are asked for equally often, the one may have
   * been counted once more when the counts were halved: to exchange them on every round of a loop is all loss.
   */
  #lead(tail: number): number {
    const count = this.#counts[tail] as number;
    return count < 2 * ONCE ? count : 1.25 * count;
  }

  /** Milliseconds saved per byte, as often as it is asked for. */
  #worth(slot: number, count: number): number {
    return (count * (1 << (this.#costs[slot] as number))) / (this.#bytes[slot] as number);
  }

  #demote(): void {
    const kept = this.#bytesOf;
    const most = PROTECTED_SHARE * ((kept[PROBATION] as number) + (kept[PROTECTED] as number));
    while (this.mode === 'frequency' && (kept[PROTECTED] as number) > most) {
      this.#move(this.#oldest(PROTECTED), PROBATION);
    }
  }

  #counted(): void {
    this.#untilAged -= 1;
    if (this.#untilAged > 0) return;
    // Half of what was counted is counted still.
    this.#untilAged = (AGED_AFTER / 2) * Math.max(this.#entries, LEAST_ENTRIES);
    halve(this.#counts);
    this.#sketch.age();
  }

  #move(slot: number, segment: number): void {
    this.#take(slot);
    this.#put(segment, slot);
  }

  #put(segment: number, slot: number): void {
    this.#touched[slot] = 0;
    this.#segments[slot] = segment;
    this.#bytesOf[segment] = (this.#bytesOf[segment] as number) + (this.#bytes[slot] as number);
    this.#lists.append(segment, slot);
  }

  #take(slot: number): void {
    const segment = this.#segments[slot] as number;
    this.#bytesOf[segment] = (this.#bytesOf[segment] as number) - (this.#bytes[slot] as number);
    this.#lists.remove(segment, slot);
  }
}

/** Costs are compared by their order of magnitude: one load takes half as long as the next for no reason. */
export const costClass = (costMs: number): number =>
  Math.min(20, Math.max(0, Math.round(Math.log2(1 + costMs))));
