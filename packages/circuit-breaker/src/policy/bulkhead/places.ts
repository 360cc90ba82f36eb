import { reportFailure } from '../../events/guard.js';
import type { OnListenerError } from '../../events/listener-failure.js';
import type { Call } from '../../operation/call.js';
import { DeadlineQueue } from '../../operation/deadline-queue.js';
import type { FixedLane } from '../../operation/fixed-lane.js';
import { PlainDeadlineEntry } from '../../operation/plain-deadline-entry.js';
import type { Clock } from '../../ports/clock.js';
import type { Teller } from '../teller.js';
import type { BulkheadEvents } from './events.js';
import type { Limit } from './limit.js';

export interface PlacesParts {
  readonly limit: Limit;
  readonly clock: Clock;
  readonly abandonAfterMs: number;
  readonly onListenerError: OnListenerError | undefined;
  readonly teller: Teller<BulkheadEvents>;
  /** Called when a place may have become free. */
  readonly onFree: () => void;
}

/** The places of a bulkhead: how many are taken, and until when. */
export class Places {
  readonly #parts: PlacesParts;
  readonly #limit: Limit;
  /** A process need not stay alive for what nobody waits for. */
  readonly #queue: DeadlineQueue;
  readonly #lane: FixedLane;
  #taken = 0;
  #abandoned = 0;

  constructor(parts: PlacesParts) {
    this.#parts = parts;
    this.#limit = parts.limit;
    this.#queue = DeadlineQueue.inBackground(parts.clock);
    this.#lane = this.#queue.lane(parts.abandonAfterMs);
  }

  get limit(): number {
    return this.#limit.current;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Places of operations that still run though their callers were answered; they are `taken` too. */
  get abandoned(): number {
    return this.#abandoned;
  }

  get hasFree(): boolean {
    return this.#taken < this.#limit.current;
  }

  /** @returns when the call began, for `answered` */
  take(): number {
    this.#taken += 1;
    return this.#limit.began(this.#taken);
  }

  /** The caller of `call` is about to be answered. Its place is free once no operation of it runs any more. */
  answered(call: Call, beganAt: number, failed: boolean, value: unknown): void {
    const change = this.#limit.ended(beganAt, failed, value);
    const { abandonAfterMs } = this.#parts;
    if (!call.isRunning || abandonAfterMs === 0) this.#taken -= 1;
    else this.#keepFor(call);
    if (change !== undefined) this.#parts.teller.tell('limitChanged', change);
    this.#parts.onFree();
  }

  #keepFor(call: Call): void {
    this.#abandoned += 1;
    const kept = new KeptPlace(() => {
      this.#queue.remove(kept);
      this.#abandoned -= 1;
      this.#taken -= 1;
      this.#parts.onFree();
    });
    try {
      this.#queue.addTo(this.#lane, kept);
      call.whenQuiet(() => kept.free());
    } catch (error) {
      // A clock that sets no timer: better one call too many than a place that never comes back.
      reportFailure(this.#parts.onListenerError, { kind: 'callback', name: 'clock', error });
      kept.free();
    }
  }
}

/** The place of an operation that goes on though its caller was answered. */
class KeptPlace extends PlainDeadlineEntry {
  #free: (() => void) | undefined;

  /** @param free called once */
  constructor(free: () => void) {
    super();
    this.#free = free;
  }

  free(): void {
    const free = this.#free;
    this.#free = undefined;
    free?.();
  }

  override expired(): void {
    this.free();
  }
}
