/** Lets so much work run at a time, the rest in the order in which it came. */
export class Bulkhead {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  get isFull(): boolean {
    return this.#free <= 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so that nobody can get in between.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
