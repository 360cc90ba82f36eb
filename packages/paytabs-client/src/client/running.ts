/** Counts what is under way, so that closing can wait for it. */
export class Running {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** Counts `work` until it has ended, however, and gives it back. */
  track<Work extends Promise<unknown>>(work: Work): Work {
    this.#count += 1;
    work.then(this.#end, this.#end);
    return work;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #end = (): void => {
    this.#count -= 1;
    if (this.#count > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  };
}
