import { FixedLane } from './fixed-lane.js';

/** So many lanes are kept though nothing waits in them. */
const IDLE_LANES = 64;

/** The lanes of a queue, one for each delay. Those that idle are let go of when there are many. */
export class FixedLanes {
  /** To be found again. */
  readonly #byDelay = new Map<number, FixedLane>();
  #listed: FixedLane[] = [];
  #mostKnown = IDLE_LANES;
  #mostListed = IDLE_LANES;

  /** The lanes in which something waits, or did a moment ago. */
  get listed(): readonly FixedLane[] {
    return this.#listed;
  }

  of(delayMs: number): FixedLane {
    let lane = this.#byDelay.get(delayMs);
    if (lane === undefined) {
      // A policy made for each call, with what is left of a deadline as its limit, makes a lane a call.
      if (this.#byDelay.size >= this.#mostKnown) this.#forgetIdle();
      lane = new FixedLane(delayMs);
      this.#byDelay.set(delayMs, lane);
    }
    return lane;
  }

  list(lane: FixedLane): void {
    if (this.#listed.length >= this.#mostListed) {
      this.unlistEmpty();
      this.#mostListed = Math.max(IDLE_LANES, 2 * this.#listed.length);
    }
    lane.isListed = true;
    this.#listed.push(lane);
  }

  unlistEmpty(): void {
    this.#listed = this.#listed.filter((lane) => {
      lane.isListed = lane.first !== undefined;
      return lane.isListed;
    });
  }

  /** Whoever still holds a lane that is forgotten may go on using it. */
  #forgetIdle(): void {
    this.unlistEmpty();
    for (const [delayMs, lane] of this.#byDelay) if (!lane.isListed) this.#byDelay.delete(delayMs);
    this.#mostKnown = Math.max(IDLE_LANES, 2 * this.#byDelay.size);
  }
}
