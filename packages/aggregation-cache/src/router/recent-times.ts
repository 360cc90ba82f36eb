/** Answers remembered. Enough that 95 % of them is a figure, few enough to follow the load within seconds. */
const REMEMBERED = 128;
/** Of fewer, 95 % are all of them. */
const MINIMUM = 20;
/** Answers between two computations: sorting costs more than the rest. */
const COMPUTED_EVERY = 16;

/** How long the last answers of a class took. */
export class RecentTimes {
  readonly #times: number[] = [];
  #next = 0;
  #recorded = 0;
  #computedAt = Number.NEGATIVE_INFINITY;
  #p95 = 0;

  record(ms: number): void {
    this.#times[this.#next] = ms;
    this.#next = (this.#next + 1) % REMEMBERED;
    this.#recorded += 1;
  }

  /** What 95 % of them did not exceed; undefined while too few are known. */
  get p95(): number | undefined {
    if (this.#times.length < MINIMUM) return undefined;
    if (this.#recorded - this.#computedAt >= COMPUTED_EVERY) {
      this.#computedAt = this.#recorded;
      const sorted = this.#times.toSorted((one, other) => one - other);
      this.#p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
    }
    return this.#p95;
  }
}
