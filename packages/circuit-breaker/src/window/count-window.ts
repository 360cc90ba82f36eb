import type { OutcomeWindow, WindowCount } from './outcome-window.js';

/** The last `size` calls: a ring in which each new call takes the place of the oldest. */
export class CountWindow implements OutcomeWindow {
  readonly #failed: Uint8Array;
  #next = 0;
  #calls = 0;
  #failures = 0;

  constructor(size: number) {
    this.#failed = new Uint8Array(size);
  }

  record(failed: boolean): void {
    const ring = this.#failed;
    const slot = this.#next;
    // Slots not used yet hold 0, so taking the old value off is right for them too.
    this.#failures += Number(failed) - (ring[slot] ?? 0);
    ring[slot] = Number(failed);
    this.#next = slot + 1 === ring.length ? 0 : slot + 1;
    if (this.#calls < ring.length) this.#calls += 1;
  }

  count(): WindowCount {
    return { calls: this.#calls, failures: this.#failures };
  }

  clear(): void {
    this.#failed.fill(0);
    this.#next = 0;
    this.#calls = 0;
    this.#failures = 0;
  }
}
