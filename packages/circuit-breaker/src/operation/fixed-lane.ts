import type { DeadlineEntry, Lane } from './deadline-queue.js';

/** Entries of one delay: those added first expire first, so a list is all it takes. */
export class FixedLane implements Lane {
  readonly delayMs: number;
  first: DeadlineEntry | undefined = undefined;
  /** Whether the queue looks at it. Belongs to the queue. */
  isListed = false;
  #last: DeadlineEntry | undefined = undefined;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  add(entry: DeadlineEntry): void {
    entry.lane = this;
    entry.previous = this.#last;
    if (this.#last === undefined) this.first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  remove(entry: DeadlineEntry): void {
    const { previous, next } = entry;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}
