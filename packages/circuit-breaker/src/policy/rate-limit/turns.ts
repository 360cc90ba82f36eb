import { withoutStack } from '../../errors.js';
import { reportFailure } from '../../events/guard.js';
import type { OnListenerError } from '../../events/listener-failure.js';
import { DeadlineQueue } from '../../operation/deadline-queue.js';
import type { FixedLane } from '../../operation/fixed-lane.js';
import type { Sink } from '../../operation/layer.js';
import { PlainDeadlineEntry } from '../../operation/plain-deadline-entry.js';
import type { Clock } from '../../ports/clock.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import { RateLimitedError } from '../errors.js';
import { WaitingLine } from '../waiting-line.js';
import type { RateLimitEvents } from './events.js';
import type { PermitStore } from './permit-store.js';
import type { WaitingTurn } from './waiting-turn.js';

export interface TurnsParts {
  readonly store: PermitStore;
  readonly clock: Clock;
  readonly maxWaitMs: number;
  readonly onListenerError: OnListenerError | undefined;
  readonly tellLimited: (told: RateLimitEvents['limited']) => void;
}

/** Who may go now, and who waits for a permit: first come, first served. */
export class Turns {
  readonly #parts: TurnsParts;
  readonly #line = new WaitingLine<WaitingTurn>();
  readonly #time: ElapsedTime;
  readonly #deadlines: DeadlineQueue;
  readonly #lane: FixedLane;
  /** Waits for the next permit while somebody else does. */
  readonly #bell = new Bell(() => this.serve());

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    this.#time = ElapsedTime.of(parts.clock);
    this.#deadlines = DeadlineQueue.of(parts.clock);
    this.#lane = this.#deadlines.lane(parts.maxWaitMs);
  }

  get waiting(): number {
    return this.#line.length;
  }

  get available(): number {
    return this.#parts.store.available(this.#time.read());
  }

  /** Takes a permit, unless there is none or others wait for it. */
  tryTake(): boolean {
    return this.waiting === 0 && this.#parts.store.take(this.#time.read()) === 0;
  }

  /** Milliseconds until a call that comes now would be let through. */
  waitMs(): number {
    return this.#parts.store.waitFor(this.#time.read(), this.waiting + 1);
  }

  /** @returns false if it cannot wait, because the clock sets no timer */
  join(turn: WaitingTurn): boolean {
    try {
      this.#deadlines.addTo(this.#lane, turn);
      this.#line.add(turn);
      this.#ringIn(this.#parts.store.waitFor(this.#time.read(), 1));
      return true;
    } catch (error) {
      this.leave(turn);
      this.#reportClock(error);
      return false;
    }
  }

  /** @returns whether it was waiting */
  leave(turn: WaitingTurn): boolean {
    this.#deadlines.remove(turn);
    const wasWaiting = this.#line.remove(turn);
    if (this.waiting === 0) this.#deadlines.remove(this.#bell);
    return wasWaiting;
  }

  /** Lets in whoever has a permit by now. */
  serve(): void {
    const { store } = this.#parts;
    for (let { first } = this.#line; first !== undefined; first = this.#line.first) {
      const waitMs = store.take(this.#time.read());
      if (waitMs > 0) {
        this.#waitOn(waitMs);
        return;
      }
      this.leave(first);
      first.begin();
    }
  }

  #waitOn(waitMs: number): void {
    try {
      this.#ringIn(waitMs);
    } catch (error) {
      // Those that wait have limits of their own.
      this.#reportClock(error);
    }
  }

  refuse(sink: Sink, retryAfterMs: number): void {
    const error = withoutStack(() => new RateLimitedError({ retryAfterMs }));
    this.#parts.tellLimited({ retryAfterMs, waiting: this.waiting });
    sink.settled(true, error);
  }

  /** @throws what the clock throws if it sets no timer */
  #ringIn(waitMs: number): void {
    if (this.#bell.lane === undefined) this.#deadlines.add(this.#bell, waitMs);
  }

  #reportClock(error: unknown): void {
    const { onListenerError } = this.#parts;
    reportFailure(onListenerError, { kind: 'callback', name: 'clock', error });
  }
}

/** Rings when the next permit is there. */
class Bell extends PlainDeadlineEntry {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  override expired(): void {
    this.#ring();
  }
}
