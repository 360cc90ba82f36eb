/** Requests per trace, and entries of the cache that they are put to. */
const REQUESTS = 600_000;
export const CAPACITY = 5_000;

/** Keys are numbers; those from here on are asked for once. */
const FIRST_NEW_KEY = 1_000_000;

/** One of the five patterns of requests, as keys. */
export interface Trace {
  readonly name: string;
  readonly keys: Int32Array;
}

/** A linear congruential generator: numbers from 0 to 1, the same in each run. */
const uniform = (): (() => number) => {
  let state = 42;
  return () => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Draws the rank i, from 0, with weight 1 / (i + 1)^s. */
const zipf = (ranks: number, s: number, random: () => number): (() => number) => {
  const upTo = new Float64Array(ranks);
  let total = 0;
  for (let rank = 0; rank < ranks; rank += 1) {
    total += (rank + 1) ** -s;
    upTo[rank] = total;
  }
  return () => {
    const drawn = random() * total;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

const trace = (name: string, draw: (at: number) => number): Trace => {
  const keys = new Int32Array(REQUESTS);
  for (let at = 0; at < REQUESTS; at += 1) keys[at] = draw(at);
  return { name, keys };
};

const scans = (): Trace => {
  const draw = zipf(100_000, 0.9, uniform());
  let fresh = FIRST_NEW_KEY;
  return trace('zipf 0.9 with scans', (at) => (at % 7_000 < 4_000 ? draw() : fresh++));
};

const once = (): Trace => {
  const random = uniform();
  const draw = zipf(100_000, 0.8, random);
  let fresh = FIRST_NEW_KEY;
  return trace('zipf 0.8, 40 % asked once', () => (random() < 0.4 ? fresh++ : draw()));
};

const shifting = (): Trace => {
  const draw = zipf(20_000, 0.9, uniform());
  return trace('shifting popularity', (at) => (draw() + 4_000 * Math.floor(at / 60_000)) % 20_000);
};

export const traces = (): readonly Trace[] => [
  trace('zipf 0.9', zipf(100_000, 0.9, uniform())),
  scans(),
  once(),
  trace('loop of 1.3 times the capacity', (at) => at % 6_500),
  shifting(),
];
