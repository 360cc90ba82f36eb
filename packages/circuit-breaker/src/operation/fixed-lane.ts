import type { DeadlineEntry, Lane } from './deadline-queue.js';

/** The deadline of an entry that was added without a look at the clock, until its lane is given the time. */
export const NOT_KNOWN = Number.POSITIVE_INFINITY;

/** Entries of one delay: those added first expire first, so a list is all it takes. */
export class FixedLane implements Lane {
  readonly delayMs: number;
  first: DeadlineEntry | undefined = undefined;
  /** Whether the queue looks at it. Belongs to the queue. */
  isListed = false;
  #last: DeadlineEntry | undefined = undefined;
  /** The first one whose deadline is not known. */
  #unknown: DeadlineEntry | undefined = undefined;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  add(entry: DeadlineEntry): void {
    entry.lane = this;
    entry.previous = this.#last;
    if (this.#last === undefined) this.first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    if (entry.deadline === NOT_KNOWN) this.#unknown ??= entry;
  }

  /** Counts the delay of those whose deadline is not known from `now` on. */
  startAt(now: number): void {
    for (let entry = this.#unknown; entry !== undefined; entry = entry.next) {
      if (entry.deadline === NOT_KNOWN) entry.deadline = now + this.delayMs;
    }
    this.#unknown = undefined;
  }

  remove(entry: DeadlineEntry): void {
    const { previous, next } = entry;
    if (entry === this.#unknown) this.#unknown = next;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}
