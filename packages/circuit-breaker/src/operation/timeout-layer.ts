import { TimeoutError, withoutStack } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import type { Call } from './call.js';
import { type DeadlineEntry, DeadlineQueue, type Lane } from './deadline-queue.js';
import { type FixedLane, NOT_KNOWN } from './fixed-lane.js';
import type { Layer, Sink } from './layer.js';
import { neverThrows } from './own-layer.js';
import { type Abandonable, Scope } from './scope.js';

export interface TimeoutLayerParts {
  readonly next: Layer;
  readonly clock: Clock;
  /** The limit in milliseconds, or what finds it for a call; undefined is no limit. */
  readonly limit: number | ((call: Call) => number | undefined);
  /** Told of each call that was not done in time, before its caller. */
  readonly onTimeout?: ((error: TimeoutError, call: Call) => void) | undefined;
}

/** Gives a call up when its time is over. */
export class TimeoutLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #parts: TimeoutLayerParts;
  readonly #queue: DeadlineQueue;
  readonly #time: ElapsedTime;
  readonly #lane: FixedLane | undefined;

  constructor(parts: TimeoutLayerParts) {
    this.#parts = parts;
    this.#queue = DeadlineQueue.of(parts.clock);
    this.#time = ElapsedTime.of(parts.clock);
    this.#lane = typeof parts.limit === 'number' ? this.#queue.lane(parts.limit) : undefined;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const { next, limit } = this.#parts;
    const timeoutMs = typeof limit === 'number' ? limit : limit(call);
    if (timeoutMs === undefined) {
      next.run(call, scope, sink);
      return;
    }
    const frame = new TimeoutFrame(this, call, scope, sink, timeoutMs);
    try {
      if (this.#lane === undefined) this.#queue.add(frame, timeoutMs);
      else this.#queue.addRoughlyTo(this.#lane, frame);
    } catch (error) {
      // A clock that sets no timer: nothing is called without its limit.
      sink.settled(true, error);
      return;
    }
    if (scope.isAbortable) scope.join(frame);
    next.run(call, frame, frame);
  }

  release(frame: TimeoutFrame): void {
    this.#queue.remove(frame);
  }

  now(): number {
    return this.#time.read();
  }

  /** Of a call whose time begins with the next tick. */
  leftUntilTick(): number {
    return this.#queue.leftOf(this.#lane as FixedLane);
  }

  timedOut(error: TimeoutError, call: Call): void {
    this.#parts.onTimeout?.(error, call);
  }
}

/** One limited call: an entry of the queue and a scope in one object, for there is one of each for every call. */
class TimeoutFrame extends Scope implements DeadlineEntry, Sink, Abandonable {
  deadline = 0;
  lane: Lane | undefined = undefined;
  previous: DeadlineEntry | undefined = undefined;
  next: DeadlineEntry | undefined = undefined;
  place = 0;
  readonly #layer: TimeoutLayer;
  readonly #call: Call;
  readonly #sink: Sink;
  readonly #timeoutMs: number;
  #isOver = false;

  constructor(layer: TimeoutLayer, call: Call, outer: Scope, sink: Sink, timeoutMs: number) {
    super(outer);
    this.#layer = layer;
    this.#call = call;
    this.#sink = sink;
    this.#timeoutMs = timeoutMs;
  }

  override get remainingMs(): number {
    const leftMs =
      this.deadline === NOT_KNOWN
        ? this.#layer.leftUntilTick()
        : Math.max(0, this.deadline - this.#layer.now());
    return Math.min(super.remainingMs, leftMs);
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#layer.release(this);
    this.#sink.settled(failed, value);
  }

  abandoned(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#layer.release(this);
    this.abort(reason);
  }

  expired(): void {
    this.#isOver = true;
    this.#call.inCallerContext(() => {
      const timeoutMs = this.#timeoutMs;
      // It would show the timer that fired, not who called.
      const error = withoutStack(() => new TimeoutError({ timeoutMs }));
      this.abort(error);
      this.#layer.timedOut(error, this.#call);
      this.#sink.settled(true, error);
    });
  }
}
