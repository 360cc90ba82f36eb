/** Something that ends by itself. */
export interface Deadline {
  readonly at: number;
  readonly expire: () => void;
}

/** All that waits for its time: a list. */
export class Deadlines {
  #waiting: Deadline[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  add(deadline: Deadline): void {
    this.#waiting.push(deadline);
  }

  remove(deadline: Deadline): void {
    this.#waiting = this.#waiting.filter((other) => other !== deadline);
  }

  /**
   * Takes out the one that is next, if it is due by `end`. Those that are due at one time go in the order
   * in which they came.
   */
  take(end: number): Deadline | undefined {
    let next: Deadline | undefined;
    for (const one of this.#waiting) {
      if (one.at <= end && (next === undefined || one.at < next.at)) next = one;
    }
    if (next !== undefined) this.remove(next);
    return next;
  }
}
