/** How much the heap may grow after the first look, which is when all is warm. */
const MOST_GROWTH = 0.01;
/** Below this a percent of the heap is less than what one batch of running calls takes. */
const NOISE_BYTES = 1_000_000;

/** Looks at the heap after a collection, again and again. */
export class HeapWatch {
  readonly #collectGarbage: () => void;
  readonly #looks: number[] = [];

  constructor(collectGarbage: () => void) {
    this.#collectGarbage = collectGarbage;
  }

  look(): void {
    this.#collectGarbage();
    this.#looks.push(process.memoryUsage().heapUsed);
  }

  summary(): string {
    return `heap ${this.#looks
      .map((bytes) => (bytes / 1e6).toFixed(1))
      .slice(-5)
      .join(' ')} MB`;
  }

  /** Compares the middle of the last third of the looks with that of the first. */
  judge(): string[] {
    const third = Math.floor(this.#looks.length / 3);
    if (third < 1) return [];
    const middle = (looks: readonly number[]) =>
      looks.toSorted((one, other) => one - other)[looks.length >> 1] ?? 0;
    const before = middle(this.#looks.slice(0, third));
    const after = middle(this.#looks.slice(-third));
    const most = Math.max(before * MOST_GROWTH, NOISE_BYTES);
    if (after - before <= most) return [];
    return [`the heap grew from ${before} to ${after} bytes`];
  }
}
