/** Times of calls, in the order in which they were taken, and which of two classes each is of. */
export interface Samples {
  readonly times: Float64Array;
  readonly classes: Uint8Array;
}

/** Among those are the collections of garbage and the turns of other processes. */
export const DROPPED_SHARE = 0.05;

/**
 * Welch's t between the two classes. The slowest samples are dropped before, by one limit for both
 * classes: what is slow for other reasons would hide what is looked for.
 */
export const welchT = ({ times, classes }: Samples, droppedShare = DROPPED_SHARE): number => {
  const limit = limitOf(times, droppedShare);
  const first = new Moments();
  const second = new Moments();
  for (let place = 0; place < times.length; place += 1) {
    const time = times[place] as number;
    if (time > limit) continue;
    if (classes[place] === 0) first.add(time);
    else second.add(time);
  }
  return (first.mean - second.mean) / Math.sqrt(first.squaredError + second.squaredError);
};

const limitOf = (times: Float64Array, droppedShare: number): number => {
  const kept = Math.ceil(times.length * (1 - droppedShare));
  return times.toSorted()[kept - 1] ?? Number.POSITIVE_INFINITY;
};

/** Mean and variance, number by number (Welford). */
class Moments {
  mean = 0;
  #count = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    const off = value - this.mean;
    this.mean += off / this.#count;
    this.#squares += off * (value - this.mean);
  }

  /** The square of the mean's standard error. */
  get squaredError(): number {
    return this.#squares / (this.#count - 1) / this.#count;
  }
}
