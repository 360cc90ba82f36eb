/** Runs the work of one key one piece after the other, in the order of the calls; other keys do not wait. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** @throws what `work` throws; the next piece runs all the same */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const leave = (): void => this.#leave(key, tail);
    const tail: Promise<void> = mine.then(leave, leave);
    this.#tails.set(key, tail);
    return mine;
  }

  /** Keys with work, waiting or under way. */
  get size(): number {
    return this.#tails.size;
  }

  #leave(key: string, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
