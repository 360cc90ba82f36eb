import { withoutStack } from '../../errors.js';
import { reportFailure } from '../../events/guard.js';
import type { OnListenerError } from '../../events/listener-failure.js';
import { DeadlineQueue } from '../../operation/deadline-queue.js';
import type { FixedLane } from '../../operation/fixed-lane.js';
import type { Sink } from '../../operation/layer.js';
import type { Clock } from '../../ports/clock.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import { BulkheadFullError, type BulkheadFullReason } from '../errors.js';
import type { Teller } from '../teller.js';
import { WaitingLine } from '../waiting-line.js';
import type { BulkheadEvents } from './events.js';
import type { Places } from './places.js';
import type { WaitingCall } from './waiting-call.js';

export interface QueueParts {
  readonly places: Places;
  readonly clock: Clock;
  readonly maxQueue: number;
  readonly maxQueueMs: number;
  readonly onListenerError: OnListenerError | undefined;
  readonly teller: Teller<BulkheadEvents>;
}

/** The calls that wait for a place. */
export class Queue {
  readonly #parts: QueueParts;
  readonly #line = new WaitingLine<WaitingCall>();
  readonly #deadlines: DeadlineQueue;
  readonly #lane: FixedLane;
  readonly #time: ElapsedTime;
  #isAdmitting = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#deadlines = DeadlineQueue.of(parts.clock);
    this.#lane = this.#deadlines.lane(parts.maxQueueMs);
    this.#time = ElapsedTime.of(parts.clock);
  }

  get length(): number {
    return this.#line.length;
  }

  /** Whether a call of `priority` may wait: there is room, or somebody of a lower priority to be displaced. */
  hasRoomFor(priority: number): boolean {
    if (this.#line.length < this.#parts.maxQueue) return true;
    const { last } = this.#line;
    return last !== undefined && last.priority < priority;
  }

  /**
   * Ask `hasRoomFor` first.
   * @returns whom it took the place of, to be told so; false if it cannot wait, because the clock sets no timer
   */
  add(waiting: WaitingCall): WaitingCall | undefined | false {
    try {
      this.#deadlines.addTo(this.#lane, waiting);
    } catch (error) {
      const { onListenerError } = this.#parts;
      reportFailure(onListenerError, { kind: 'callback', name: 'clock', error });
      return false;
    }
    const displaced = this.#line.length < this.#parts.maxQueue ? undefined : this.#line.last;
    if (displaced !== undefined) this.remove(displaced);
    this.#line.add(waiting);
    return displaced;
  }

  tellQueued(priority: number): void {
    this.#parts.teller.tell('queued', { priority, queued: this.length });
  }

  /** @returns false if it does not wait any more */
  remove(waiting: WaitingCall): boolean {
    this.#deadlines.remove(waiting);
    return this.#line.remove(waiting);
  }

  /** Milliseconds that a call waited which has just been taken out. */
  waitedMs(waiting: WaitingCall): number {
    return Math.max(0, this.#time.read() - waiting.deadline + this.#parts.maxQueueMs);
  }

  /**
   * Lets in whoever waits, as far as there are places. One that ends at once makes room for the next, so
   * this goes round and round instead of deeper and deeper.
   */
  admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    try {
      while (this.#parts.places.hasFree) {
        const { first } = this.#line;
        if (first === undefined) return;
        this.remove(first);
        first.admitted();
      }
    } finally {
      this.#isAdmitting = false;
    }
  }

  /** Ends a call that gets no place. The error has no stack: it is what a bulkhead makes most when it must be cheap. */
  refuse(sink: Sink, reason: BulkheadFullReason): void {
    const { places, teller } = this.#parts;
    const error = withoutStack(() => new BulkheadFullError({ reason }));
    teller.tell('refused', { reason, running: places.taken, queued: this.length });
    sink.settled(true, error);
  }
}
