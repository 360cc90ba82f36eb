import type { Generation } from './generation.js';
import { RunningCall } from './running-calls.js';

/** Takes in the ends of timed calls. Each gives what the caller's promise is settled with. */
export interface TimedEnds {
  timedFulfilled(call: TimedCall, value: unknown): unknown;
  timedRejected(call: TimedCall, error: unknown): unknown;
}

/** A timed call with handlers of its own, used again and again: to make them for each call costs three times the memory. */
export class TimedCall extends RunningCall {
  generation!: Generation;
  readonly fulfilled: (value: unknown) => unknown;
  readonly rejected: (error: unknown) => unknown;

  constructor(ends: TimedEnds) {
    super();
    this.fulfilled = (value) => ends.timedFulfilled(this, value);
    this.rejected = (error) => ends.timedRejected(this, error);
  }
}

/** As many as ran at once in a busy moment; more than that were a burst. */
const MOST_KEPT = 1000;

/** Timed calls that are not in use. */
export class TimedCallPool {
  readonly #free: TimedCall[] = [];
  readonly #ends: TimedEnds;

  constructor(ends: TimedEnds) {
    this.#ends = ends;
  }

  take(generation: Generation): TimedCall {
    const call = this.#free.pop() ?? new TimedCall(this.#ends);
    call.generation = generation;
    return call;
  }

  giveBack(call: TimedCall): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(call);
  }
}
