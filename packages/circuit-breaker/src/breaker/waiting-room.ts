import type { RejectionReason } from '../errors.js';
import { DeadlineQueue } from '../operation/deadline-queue.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import type { Clock } from '../ports/clock.js';

/** What becomes of a caller that waits. */
export interface Waiter<T> {
  readonly admit: (admission: T) => void;
  readonly refuse: (reason: RejectionReason) => void;
}

class Waiting<T> extends PlainDeadlineEntry {
  readonly waiter: Waiter<T>;
  readonly #room: WaitingRoom<T>;

  constructor(room: WaitingRoom<T>, waiter: Waiter<T>) {
    super();
    this.#room = room;
    this.waiter = waiter;
  }

  override expired(): void {
    this.#room.look();
    // Nothing has refused it: there was no place in time, whatever the state is by now.
    if (this.#room.leave(this)) this.waiter.refuse('trialsBusy');
  }
}

/** Callers that wait for a place, in the order in which they came. */
export class WaitingRoom<T> {
  /** Makes the changes that are due: they may let those who wait in, or refuse them. */
  readonly look: () => void;
  readonly #queue: DeadlineQueue;
  // A set keeps the order and lets anybody leave at any time.
  readonly #waiting = new Set<Waiting<T>>();
  // Kept, for each new one would have to find its way past all who have left.
  #inOrder = this.#waiting.values();

  constructor(clock: Clock, look: () => void) {
    this.look = look;
    this.#queue = DeadlineQueue.of(clock);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @returns what takes the caller out again. @throws what a clock throws that sets no timer */
  enter(waiter: Waiter<T>, maxWaitMs: number): () => void {
    const waiting = new Waiting(this, waiter);
    this.#queue.addTo(this.#queue.lane(maxWaitMs), waiting);
    this.#waiting.add(waiting);
    return () => {
      this.leave(waiting);
    };
  }

  /** @returns whether it was still waiting */
  leave(waiting: Waiting<T>): boolean {
    this.#queue.remove(waiting);
    return this.#waiting.delete(waiting);
  }

  /** Takes out the one that came first. */
  shift(): Waiter<T> | undefined {
    let { value: first } = this.#inOrder.next();
    if (first === undefined) {
      // It has been at the end before those who wait now came.
      this.#inOrder = this.#waiting.values();
      first = this.#inOrder.next().value;
    }
    if (first === undefined) return undefined;
    this.leave(first);
    return first.waiter;
  }
}
