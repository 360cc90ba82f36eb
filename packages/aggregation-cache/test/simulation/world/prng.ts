/** Random numbers from a seed (mulberry32): the same seed gives the same run on every machine. */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    // Seeds that follow one another are to begin differently.
    this.#state = Math.floor(this.next() * 2 ** 32);
  }

  /** From 0 (included) to 1 (excluded). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  /** One of the keys, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    let total = 0;
    for (const key in weights) total += weights[key];
    let left = this.next() * total;
    let chosen: K | undefined;
    for (const key in weights) {
      if (weights[key] > 0) chosen = key;
      left -= weights[key];
      if (left < 0) break;
    }
    return chosen as K;
  }

  shuffled<T>(all: readonly T[]): T[] {
    const order = [...all];
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = this.int(0, last);
      [order[last], order[other]] = [order[other] as T, order[last] as T];
    }
    return order;
  }

  /** Another stream of numbers that depends on this one's seed and the name alone. */
  static named(seed: number, name: string): Prng {
    let mixed = seed >>> 0;
    for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    return new Prng(mixed);
  }
}

/** Milliseconds that a message is under way: mostly few, now and then very many. */
export const delayOf = (random: Prng): number => {
  const kind = random.next();
  if (kind < 0.8) return random.between(0.1, 3);
  return kind < 0.98 ? random.between(3, 20) : random.between(20, 200);
};

/** The same where most messages are quick; in rough weather as above. */
export const quickDelayOf = (random: Prng, isRough: boolean): number =>
  isRough || random.chance(0.02) ? delayOf(random) : random.between(0.05, 1);

/** Milliseconds that an aggregation takes, from what it saw to its answer. */
export const workOf = (random: Prng): number =>
  random.chance(0.6) ? random.between(0.5, 10) : random.between(10, 120);
