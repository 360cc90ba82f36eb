/** No slot. */
export const NONE = -1;

/**
 * Doubly linked lists over numbered slots, links in typed arrays: eight bytes per slot, nothing for the garbage
 * collector to follow. A slot is in one list or in none.
 */
export class SlotLists {
  readonly #ends: Int32Array;
  #older = new Int32Array(0);
  #newer = new Int32Array(0);

  constructor(lists: number) {
    this.#ends = new Int32Array(2 * lists).fill(NONE);
  }

  grow(capacity: number): void {
    this.#older = grown(this.#older, capacity);
    this.#newer = grown(this.#newer, capacity);
  }

  oldest(list: number): number {
    return this.#ends[2 * list] as number;
  }

  /** Puts a slot that is in no list at the newest end. */
  append(list: number, slot: number): void {
    const newest = this.#ends[2 * list + 1] as number;
    this.#older[slot] = newest;
    this.#newer[slot] = NONE;
    this.#ends[2 * list + 1] = slot;
    if (newest === NONE) this.#ends[2 * list] = slot;
    else this.#newer[newest] = slot;
  }

  remove(list: number, slot: number): void {
    const older = this.#older[slot] as number;
    const newer = this.#newer[slot] as number;
    if (older === NONE) this.#ends[2 * list] = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#ends[2 * list + 1] = older;
    else this.#older[newer] = older;
  }
}

/** A copy with room for `capacity` numbers. */
export const grown = <Numbers extends TypedNumbers>(
  numbers: Numbers,
  capacity: number,
): Numbers => {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(capacity);
  larger.set(numbers);
  return larger;
};

type TypedNumbers =
  | Uint8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
