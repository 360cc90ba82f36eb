import { type EvictionMode, SegmentedPolicy } from './segmented-policy.js';
import { NONE } from './slot-lists.js';

/** One key of so many is followed in the two trials. */
const SAMPLED = 16;
/** With fewer entries than this a trial says nothing. */
const LEAST_SAMPLED = 16;
/** A trial looks back over so many requests per entry. */
const LOOKS_BACK = 4;
/** So many requests for what is followed wait until something new comes; what is more is not followed. */
const MOST_WAITING = 256;
/** The other mode has to be better by this share. */
const MARGIN = 1.03;

/**
 * Which entries go when memory is short. No single rule is best for every pattern of requests: by frequency most
 * are served best, by recency those whose favourites change. So both are tried, each on the same small sample
 * of the keys and with as small a share of the memory, and the whole follows the one that saved more.
 */
export class EvictionPolicy {
  readonly #whole = new SegmentedPolicy();
  readonly #frequency = new Trial('frequency');
  readonly #recency = new Trial('recency');
  /** Slots that were asked for and are to be followed: not while a reader waits. */
  readonly #waiting = new Int32Array(MOST_WAITING);
  #waits = 0;

  get mode(): EvictionMode {
    return this.#whole.mode;
  }

  get bytes(): number {
    return this.#whole.bytes;
  }

  grow(capacity: number): void {
    this.#whole.grow(capacity);
  }

  /** A new entry; parameters as those of {@link SegmentedPolicy.add}. */
  add(slot: number, hash: number, bytes: number, cost: number): void {
    // Before the slot of one of them may be given to another key.
    for (let index = 0; index < this.#waits; index += 1) this.#try(this.#waiting[index] as number);
    this.#waits = 0;
    this.#whole.add(slot, hash, bytes, cost);
    if (isSampled(hash)) this.#try(slot);
  }

  /** It was asked for. */
  touch(slot: number, hash: number): void {
    this.#whole.touch(slot);
    if (!isSampled(hash) || this.#waits === MOST_WAITING) return;
    this.#waiting[this.#waits] = slot;
    this.#waits += 1;
  }

  remove(slot: number): void {
    this.#whole.remove(slot);
  }

  change(slot: number, bytes: number, cost: number): void {
    this.#whole.change(slot, bytes, cost);
  }

  evict(): number {
    return this.#whole.evict();
  }

  #try(slot: number): void {
    const whole = this.#whole;
    const hash = whole.hashOf(slot);
    const bytes = whole.bytesOf(slot);
    const cost = whole.costOf(slot);
    const frequency = this.#frequency;
    const recency = this.#recency;
    const room = whole.bytes / SAMPLED;
    frequency.request(hash, bytes, cost, room);
    recency.request(hash, bytes, cost, room);
    if (whole.entries < SAMPLED * LEAST_SAMPLED) return;
    const isByFrequency = this.mode === 'frequency';
    const chosen = isByFrequency ? frequency : recency;
    const other = isByFrequency ? recency : frequency;
    if (other.saved > chosen.saved * MARGIN) whole.mode = other.mode;
  }
}

const isSampled = (hash: number): boolean => hash >>> 28 === 0;

/** A policy at work on nothing but keys. */
class Trial {
  readonly mode: EvictionMode;
  readonly #policy = new SegmentedPolicy();
  /** By hash, as whole numbers of 32 bits, which take no object each. */
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  #capacity = 0;
  /** What its hits saved lately. */
  saved = 0;

  constructor(mode: EvictionMode) {
    this.mode = mode;
    this.#policy.mode = mode;
  }

  request(hash: number, bytes: number, cost: number, room: number): void {
    this.saved -= this.saved / (LOOKS_BACK * Math.max(this.#policy.entries, LEAST_SAMPLED));
    const known = this.#slots.get(hash | 0);
    if (known !== undefined) {
      this.saved += 1 << cost;
      this.#policy.touch(known);
      return;
    }
    const slot = this.#freeSlot();
    this.#slots.set(hash | 0, slot);
    this.#policy.add(slot, hash, bytes, cost);
    while (this.#policy.bytes > room) {
      const victim = this.#policy.evict();
      if (victim === NONE) return;
      this.#slots.delete(this.#policy.hashOf(victim) | 0);
      this.#free.push(victim);
    }
  }

  #freeSlot(): number {
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    const next = this.#slots.size;
    if (next === this.#capacity) {
      this.#capacity = Math.max(LEAST_SAMPLED, Math.ceil(this.#capacity * 1.25));
      this.#policy.grow(this.#capacity);
    }
    return next;
  }
}
