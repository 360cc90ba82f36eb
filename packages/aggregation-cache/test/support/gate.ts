/** A place where something waits until the test lets it go on. */
export class Gate {
  #arrive = () => {};
  #open = () => {};
  /** Resolves when somebody waits here. */
  readonly reached = new Promise<void>((resolve) => {
    this.#arrive = resolve;
  });
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  pass(): Promise<void> {
    this.#arrive();
    return this.#opened;
  }

  open(): void {
    this.#open();
  }
}
