import { DeadlineQueue } from '../operation/deadline-queue.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';

/** Looks at a breaker when a change falls due, for those who want to hear of it in time. */
export class WakeUp extends PlainDeadlineEntry {
  readonly #queue: DeadlineQueue;
  readonly #time: ElapsedTime;
  readonly #look: () => void;
  #dueAt = 0;

  constructor(clock: Clock, look: () => void) {
    super();
    this.#queue = DeadlineQueue.inBackground(clock);
    this.#time = ElapsedTime.of(clock);
    this.#look = look;
  }

  setFor(delayMs: number): void {
    this.cancel();
    this.#dueAt = this.#time.read() + delayMs;
    this.#wait(delayMs);
  }

  cancel(): void {
    this.#queue.remove(this);
  }

  override expired(): void {
    // Timers may come a moment before the clock says so, when there would be nothing to see yet.
    const leftMs = this.#dueAt - this.#time.read();
    if (leftMs > 0) this.#wait(Math.max(1, leftMs));
    else this.#look();
  }

  #wait(ms: number): void {
    try {
      this.#queue.add(this, ms);
    } catch {
      // A clock without timers: the change is made when the breaker is next used.
    }
  }
}
