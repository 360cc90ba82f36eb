import { callGuarded, reportFailure } from '../events/guard.js';
import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { BinaryHeap } from './binary-heap.js';

/** Something that expires unless it is removed before. Its fields belong to the queue. */
export interface DeadlineEntry {
  /** Time by the queue's clock. */
  deadline: number;
  /** Where it waits; undefined while it does not. */
  lane: Lane | undefined;
  previous: DeadlineEntry | undefined;
  next: DeadlineEntry | undefined;
  place: number;

  /** Called once, from a timer, when the time is over. Must not throw. */
  expired(): void;
}

/** Where entries wait in the order in which they expire. */
export interface Lane {
  readonly first: DeadlineEntry | undefined;
  remove(entry: DeadlineEntry): void;
}

/** Entries of one delay: those added first expire first, so a list is all it takes. */
export class FixedLane implements Lane {
  readonly delayMs: number;
  first: DeadlineEntry | undefined = undefined;
  /** Whether its queue looks at it. Owned by the queue. */
  isListed = false;
  #last: DeadlineEntry | undefined = undefined;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  add(entry: DeadlineEntry): void {
    entry.lane = this;
    entry.previous = this.#last;
    if (this.#last === undefined) this.first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  remove(entry: DeadlineEntry): void {
    const { previous, next } = entry;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}

/** So many lanes are kept though nothing waits in them. */
const IDLE_LANES = 64;

/** Where entries are between being taken and being called, so that they can still be removed. */
const DUE: Lane = { first: undefined, remove: () => {} };

/**
 * All deadlines of one clock. Holds one timer at most, and none while nothing waits. On a clock with
 * slack the timer is set for that long at most and then left alone, because to set and clear one for
 * each call would cost more than the call; one that finds nothing to do is the last.
 */
export class DeadlineQueue {
  static readonly #ofClock = new WeakMap<Clock, DeadlineQueue>();
  static readonly #inBackground = new WeakMap<Clock, DeadlineQueue>();

  readonly #clock: Clock;
  readonly #time: ElapsedTime;
  /** The lanes by their delay, to be found again. Those that idle are forgotten when there are many. */
  readonly #fixed = new Map<number, FixedLane>();
  /** The lanes in which something waits, or did a moment ago. */
  #listed: FixedLane[] = [];
  #mostFixed = IDLE_LANES;
  #mostListed = IDLE_LANES;
  readonly #odd = new BinaryHeap<DeadlineEntry>();
  readonly #oddLane: Lane;
  readonly #isBackground: boolean;
  readonly #slackMs: number;
  #waiting = 0;
  /** When the timer is due; infinite without one. */
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: unknown;
  /** Tells the timer at hand from ones that a clock calls too late. */
  #turn = 0;

  private constructor(clock: Clock, isBackground: boolean) {
    this.#clock = clock;
    this.#isBackground = isBackground;
    this.#time = ElapsedTime.of(clock);
    // What few and long waits cost is nothing: they need no timer that ticks.
    this.#slackMs = isBackground ? 0 : (clock.slackMs ?? 0);
    const odd = this.#odd;
    this.#oddLane = {
      get first() {
        return odd.first;
      },
      remove: (entry) => odd.remove(entry),
    };
  }

  /** The queue of `clock`, the same for everybody. */
  static of(clock: Clock): DeadlineQueue {
    return DeadlineQueue.#in(DeadlineQueue.#ofClock, clock, false);
  }

  /** One more, for what a process need not stay alive for. */
  static inBackground(clock: Clock): DeadlineQueue {
    return DeadlineQueue.#in(DeadlineQueue.#inBackground, clock, true);
  }

  static #in(queues: WeakMap<Clock, DeadlineQueue>, clock: Clock, isBackground: boolean) {
    let queue = queues.get(clock);
    if (queue === undefined) {
      queue = new DeadlineQueue(clock, isBackground);
      queues.set(clock, queue);
    }
    return queue;
  }

  /** Where entries wait for `delayMs`. For the few delays that come again and again. */
  lane(delayMs: number): FixedLane {
    let lane = this.#fixed.get(delayMs);
    if (lane === undefined) {
      // A policy made for each call, with what is left of a deadline as its limit, makes a lane a call.
      if (this.#fixed.size >= this.#mostFixed) this.#forgetIdle();
      lane = new FixedLane(delayMs);
      this.#fixed.set(delayMs, lane);
    }
    return lane;
  }

  /** @throws what the clock throws if it sets no timer; the entry then does not wait */
  addTo(lane: FixedLane, entry: DeadlineEntry): void {
    entry.deadline = this.#time.read() + lane.delayMs;
    if (!lane.isListed) this.#list(lane);
    lane.add(entry);
    this.#added(entry);
  }

  /** As `addTo`, for a delay that does not come again. @throws what the clock throws */
  add(entry: DeadlineEntry, delayMs: number): void {
    entry.deadline = this.#time.read() + delayMs;
    entry.lane = this.#oddLane;
    this.#odd.add(entry);
    this.#added(entry);
  }

  /** Does nothing for an entry that does not wait. */
  remove(entry: DeadlineEntry): void {
    if (entry.lane === undefined) return;
    const isDue = entry.lane === DUE;
    entry.lane.remove(entry);
    entry.lane = undefined;
    if (isDue) return;
    this.#waiting -= 1;
    if (this.#waiting === 0 && this.#slackMs === 0) this.#dropTimer();
  }

  #list(lane: FixedLane): void {
    if (this.#listed.length >= this.#mostListed) {
      this.#unlistEmpty();
      this.#mostListed = Math.max(IDLE_LANES, 2 * this.#listed.length);
    }
    lane.isListed = true;
    this.#listed.push(lane);
  }

  #unlistEmpty(): void {
    this.#listed = this.#listed.filter((lane) => {
      lane.isListed = lane.first !== undefined;
      return lane.isListed;
    });
  }

  /** Whoever still holds a lane that is forgotten may go on using it. */
  #forgetIdle(): void {
    this.#unlistEmpty();
    for (const [delayMs, lane] of this.#fixed) if (!lane.isListed) this.#fixed.delete(delayMs);
    this.#mostFixed = Math.max(IDLE_LANES, 2 * this.#fixed.size);
  }

  #added(entry: DeadlineEntry): void {
    this.#waiting += 1;
    if (entry.deadline >= this.#timerAt) return;
    try {
      this.#setTimer(entry.deadline);
    } catch (error) {
      this.remove(entry);
      throw error;
    }
  }

  /** Sets the one timer for `deadline`, unless it is set for an earlier time already. */
  #setTimer(deadline: number): void {
    const now = this.#time.read();
    const at = this.#slackMs === 0 ? deadline : Math.min(deadline, now + this.#slackMs);
    if (at >= this.#timerAt) return;
    this.#dropTimer();
    this.#turn += 1;
    const turn = this.#turn;
    this.#timerAt = at;
    try {
      this.#cancelTimer = this.#clock.setTimer(
        () => {
          if (turn === this.#turn) this.#expire(at);
        },
        Math.max(0, at - now),
        { background: this.#isBackground },
      );
    } catch (error) {
      this.#timerAt = Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  #dropTimer(): void {
    if (this.#timerAt === Number.POSITIVE_INFINITY) return;
    const cancel = this.#cancelTimer;
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    // Should the clock fail to cancel it, its callback finds that another turn has come.
    this.#turn += 1;
    try {
      if (typeof cancel === 'function') cancel();
    } catch (error) {
      reportFailure(undefined, { kind: 'callback', name: 'clock', error });
    }
  }

  /** @param at when the timer was due: it is believed over a clock that lags behind its own timers */
  #expire(at: number): void {
    this.#turn += 1;
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    for (const entry of this.#takeDue(Math.max(at, this.#time.read()))) {
      // One that was removed by an earlier one is not due any more.
      if (entry.lane !== DUE) continue;
      entry.lane = undefined;
      callGuarded(() => entry.expired(), { kind: 'callback', name: 'deadline' }, undefined);
    }
    if (this.#waiting === 0) return;
    try {
      this.#setTimer(this.#earliest());
    } catch (error) {
      reportFailure(undefined, { kind: 'callback', name: 'clock', error });
    }
  }

  #takeDue(now: number): DeadlineEntry[] {
    const due: DeadlineEntry[] = [];
    for (const lane of this.#lanes()) {
      for (let { first } = lane; first !== undefined && first.deadline <= now; first = lane.first) {
        lane.remove(first);
        first.lane = DUE;
        due.push(first);
      }
    }
    this.#waiting -= due.length;
    this.#unlistEmpty();
    return due.sort((one, other) => one.deadline - other.deadline);
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { first } of this.#lanes()) {
      if (first !== undefined && first.deadline < earliest) earliest = first.deadline;
    }
    return earliest;
  }

  *#lanes(): Generator<Lane> {
    yield* this.#listed;
    yield this.#oddLane;
  }
}
