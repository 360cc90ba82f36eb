import { grown, NONE } from './eviction/slot-lists.js';
import type { MemoryKey } from './memory-key.js';

const WORDS = 4;

/** Finds the slot of a key: 16 bytes for the key and about ten for its place, where a `Map` of texts takes 100. */
export class KeyIndex {
  #keys = new Int32Array(0);
  /** The next slot whose key falls into the same place. */
  #next = new Int32Array(0);
  #first = new Int32Array(1).fill(NONE);

  grow(capacity: number): void {
    this.#keys = grown(this.#keys, WORDS * capacity);
    this.#next = grown(this.#next, capacity);
    const places = 2 ** Math.ceil(Math.log2(capacity));
    const used = this.#first.length < places ? this.#slots() : [];
    if (this.#first.length >= places) return;
    this.#first = new Int32Array(places).fill(NONE);
    for (const slot of used) this.#link(slot);
  }

  find({ a, b, c, d }: MemoryKey): number {
    const keys = this.#keys;
    let slot = this.#first[a & (this.#first.length - 1)] as number;
    while (slot !== NONE) {
      const at = WORDS * slot;
      const isIt = keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d;
      if (isIt) return slot;
      slot = this.#next[slot] as number;
    }
    return NONE;
  }

  add(slot: number, { a, b, c, d }: MemoryKey): void {
    const at = WORDS * slot;
    this.#keys[at] = a;
    this.#keys[at + 1] = b;
    this.#keys[at + 2] = c;
    this.#keys[at + 3] = d;
    this.#link(slot);
  }

  remove(slot: number): void {
    const next = this.#next[slot] as number;
    const place = this.#place(slot);
    let before = this.#first[place] as number;
    if (before === slot) {
      this.#first[place] = next;
      return;
    }
    while (this.#next[before] !== slot) before = this.#next[before] as number;
    this.#next[before] = next;
  }

  #link(slot: number): void {
    const place = this.#place(slot);
    this.#next[slot] = this.#first[place] as number;
    this.#first[place] = slot;
  }

  #place(slot: number): number {
    return (this.#keys[WORDS * slot] as number) & (this.#first.length - 1);
  }

  #slots(): number[] {
    const slots: number[] = [];
    for (const first of this.#first) {
      for (let slot = first; slot !== NONE; slot = this.#next[slot] as number) slots.push(slot);
    }
    return slots;
  }
}
