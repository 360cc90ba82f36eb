import type { DeadlineEntry, Lane } from './deadline-queue.js';

/** The fields of an entry, for classes that have no other base. */
export abstract class PlainDeadlineEntry implements DeadlineEntry {
  deadline = 0;
  lane: Lane | undefined = undefined;
  previous: DeadlineEntry | undefined = undefined;
  next: DeadlineEntry | undefined = undefined;
  place = 0;

  abstract expired(): void;
}
