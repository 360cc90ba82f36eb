/** Keeps the last `limit` lines, so that a long run does not fill the memory. */
export class BoundedLog<Line> {
  readonly #limit: number;
  #lines: Line[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(line: Line): void {
    this.#lines.push(line);
    // Cut by halves: each line is moved once on average.
    if (this.#lines.length >= 2 * this.#limit) this.#lines = this.#lines.slice(-this.#limit);
  }

  list(): readonly Line[] {
    return this.#lines.slice(-this.#limit);
  }
}
