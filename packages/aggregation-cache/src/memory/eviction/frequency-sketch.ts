const SMALLEST = 64;

/**
 * About how often was asked for what is not kept: two rows of counters, of which the smaller holds (a count-min
 * sketch). Counts of what is kept are exact and not in here.
 */
export class FrequencySketch {
  #first = new Uint8Array(SMALLEST);
  #second = new Uint8Array(SMALLEST);

  /** Makes room to tell apart so many. What was counted stays: a row of double length is the row twice. */
  grow(keys: number): void {
    while (this.#first.length < 4 * keys) {
      this.#first = twice(this.#first);
      this.#second = twice(this.#second);
    }
  }

  count(hash: number): number {
    const mask = this.#first.length - 1;
    const first = this.#first[hash & mask] as number;
    const second = this.#second[other(hash) & mask] as number;
    return Math.min(first, second);
  }

  /** Remembers `count` for a key, unless more is remembered for it already. */
  remember(hash: number, count: number): void {
    const mask = this.#first.length - 1;
    const first = hash & mask;
    const second = other(hash) & mask;
    if ((this.#first[first] as number) < count) this.#first[first] = count;
    if ((this.#second[second] as number) < count) this.#second[second] = count;
  }

  /** Halves all counts, so that what was asked for long ago weighs less. */
  age(): void {
    halve(this.#first);
    halve(this.#second);
  }

  get bytes(): number {
    return 2 * this.#first.length;
  }
}

export const halve = (counts: Uint8Array): void => {
  for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] as number) >> 1;
};

/** A second hash, as if of its own. */
const other = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 16);
};

const twice = (counts: Uint8Array): Uint8Array<ArrayBuffer> => {
  const doubled = new Uint8Array(2 * counts.length);
  doubled.set(counts);
  doubled.set(counts, counts.length);
  return doubled;
};
