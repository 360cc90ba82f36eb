import type { Generation, Handlers } from './generation.js';
import { RunningCall } from './running-calls.js';

/** Takes in the end of a timed call. */
export type TakeTimedEnd = (call: TimedCall, failed: boolean, value: unknown) => unknown;

/** A timed call with handlers of its own, used again and again: to make them for each call costs three times the memory. */
export class TimedCall extends RunningCall {
  generation!: Generation;
  readonly handlers: Handlers;

  constructor(takeEnd: TakeTimedEnd) {
    super();
    this.handlers = {
      fulfilled: (value) => takeEnd(this, false, value),
      rejected: (error) => takeEnd(this, true, error),
    };
  }
}

/** As many as ran at once in a busy moment; more than that were a burst. */
const MOST_KEPT = 1000;

/** Timed calls that are not in use. */
export class TimedCallPool {
  readonly #free: TimedCall[] = [];
  readonly #takeEnd: TakeTimedEnd;

  constructor(takeEnd: TakeTimedEnd) {
    this.#takeEnd = takeEnd;
  }

  take(generation: Generation): TimedCall {
    const call = this.#free.pop() ?? new TimedCall(this.#takeEnd);
    call.generation = generation;
    return call;
  }

  giveBack(call: TimedCall): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(call);
  }
}
