import type { TimeSource } from './time-window.js';

/** Each bin is 4 % wider than the one below, so its middle is at most 2 % off. */
const GROWTH = 1.04;
const LOG_GROWTH = Math.log(GROWTH);
/** Lower edge of the first bin, in ms. What is faster falls into it. */
const LOWEST_MS = 0.01;
/** Enough to reach an hour. What is slower falls into the last. */
const BINS = Math.ceil(Math.log(3_600_000 / LOWEST_MS) / LOG_GROWTH);
const SLICES = 5;

/** How long calls took, over the last `durationMs`, forgotten in fifths of it. */
export class LatencyHistogram {
  readonly #slices: Uint32Array[] = Array.from({ length: SLICES }, () => new Uint32Array(BINS));
  readonly #all = new Uint32Array(BINS);
  readonly #sliceMs: number;
  readonly #time: TimeSource;
  #newest = 0;
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
    const found: number[] = [];
    let seen = 0;
    let next = 0;
    for (let bin = 0; bin < BINS && next < shares.length; bin += 1) {
      seen += this.#all[bin] ?? 0;
      while (next < shares.length && seen >= Math.max(1, (shares[next] as number) * this.#count)) {
        found.push(LOWEST_MS * GROWTH ** (bin + 0.5));
        next += 1;
      }
    }
    return found.length === shares.length ? found : shares.map(() => 0);
  }

  #forgetOld(): void {
    const newest = Math.floor(this.#time.read() / this.#sliceMs);
    const steps = Math.min(SLICES, newest - this.#newest);
    for (let step = 1; step <= steps; step += 1) this.#forget((this.#newest + step) % SLICES);
    this.#newest = newest;
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
  const bin = Math.floor(Math.log(ms / LOWEST_MS) / LOG_GROWTH);
  return Math.min(BINS - 1, Math.max(0, bin || 0));
};
