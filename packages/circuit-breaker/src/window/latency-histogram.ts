import type { TimeSource } from '../ports/time-source.js';

/**
 * A duration's bin is read off the number itself: its exponent and the five bits after it, by which each
 * power of two is cut into 32 bins. To take a logarithm would cost as much as the rest. A bin is at most
 * 3.2 % wide, so its middle is at most 1.6 % off.
 */
const SHIFT = 15;
const NUMBER = new Float64Array(1);
const WORDS = new Uint32Array(NUMBER.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

const stepsOf = (ms: number): number => {
  NUMBER[0] = ms;
  return (WORDS[HIGH] as number) >>> SHIFT;
};

const edgeOf = (steps: number): number => {
  WORDS[1 - HIGH] = 0;
  WORDS[HIGH] = steps << SHIFT;
  return NUMBER[0] as number;
};

/** In ms. What is faster falls into the first bin, what is slower into the last. */
const LOWEST_MS = 0.01;
const HIGHEST_MS = 3_600_000;
const FIRST = stepsOf(LOWEST_MS);
const BINS = stepsOf(HIGHEST_MS) - FIRST + 1;
const SLICES = 5;

/** How long calls took, over the last `durationMs`, forgotten in fifths of it. */
export class LatencyHistogram {
  readonly #slices: Uint32Array[] = Array.from({ length: SLICES }, () => new Uint32Array(BINS));
  readonly #all = new Uint32Array(BINS);
  readonly #sliceMs: number;
  readonly #time: TimeSource;
  #newest = 0;
  /** Where the newest slice ends. */
  #until = 0;
  #count = 0;

  constructor(durationMs: number, time: TimeSource) {
    this.#sliceMs = durationMs / SLICES;
    this.#time = time;
  }

  get count(): number {
    this.#forgetOld();
    return this.#count;
  }

  record(ms: number): void {
    this.#forgetOld();
    const bin = binOf(ms);
    const slice = this.#slices[this.#newest % SLICES] as Uint32Array;
    slice[bin] = (slice[bin] ?? 0) + 1;
    this.#all[bin] = (this.#all[bin] ?? 0) + 1;
    this.#count += 1;
  }

  /**
   * For each share (0 to 1, rising): the milliseconds that this share of the calls did not exceed, 2 %
   * off at most. 0 without calls.
   */
  percentiles(shares: readonly number[]): number[] {
    this.#forgetOld();
    if (this.#count === 0) return shares.map(() => 0);
    let bin = 0;
    let seen = this.#all[0] as number;
    return shares.map((share) => {
      const sought = Math.max(1, Math.min(1, share) * this.#count);
      while (seen < sought) seen += this.#all[++bin] as number;
      return middleOf(bin);
    });
  }

  #forgetOld(): void {
    const now = this.#time.read();
    if (now < this.#until) return;
    const newest = Math.floor(now / this.#sliceMs);
    const steps = Math.min(SLICES, newest - this.#newest);
    for (let step = 1; step <= steps; step += 1) this.#forget((this.#newest + step) % SLICES);
    this.#newest = newest;
    this.#until = (newest + 1) * this.#sliceMs;
  }

  #forget(index: number): void {
    const slice = this.#slices[index] as Uint32Array;
    for (const [bin, calls] of slice.entries()) {
      if (calls === 0) continue;
      this.#all[bin] = (this.#all[bin] ?? 0) - calls;
      this.#count -= calls;
    }
    slice.fill(0);
  }
}

const binOf = (ms: number): number => {
  if (!(ms > LOWEST_MS)) return 0;
  return ms < HIGHEST_MS ? stepsOf(ms) - FIRST : BINS - 1;
};

const middleOf = (bin: number): number => (edgeOf(FIRST + bin) + edgeOf(FIRST + bin + 1)) / 2;
