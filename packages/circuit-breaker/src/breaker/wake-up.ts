import { DeadlineQueue } from '../operation/deadline-queue.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import type { Clock } from '../ports/clock.js';

/** Looks at a breaker when a change falls due, for those who want to hear of it in time. */
export class WakeUp extends PlainDeadlineEntry {
  readonly #queue: DeadlineQueue;
  readonly #look: () => void;

  constructor(clock: Clock, look: () => void) {
    super();
    this.#queue = DeadlineQueue.inBackground(clock);
    this.#look = look;
  }

  setFor(delayMs: number): void {
    this.cancel();
    try {
      this.#queue.add(this, delayMs);
    } catch {
      // A clock without timers: the change is made when the breaker is next used.
    }
  }

  cancel(): void {
    this.#queue.remove(this);
  }

  override expired(): void {
    this.#look();
  }
}
