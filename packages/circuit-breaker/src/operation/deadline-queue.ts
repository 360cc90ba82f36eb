import { callGuarded, reportFailure } from '../events/guard.js';
import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { slackOf } from '../ports/slack-of.js';
import { timerSourceOf } from '../ports/timer-source-of.js';
import { BinaryHeap } from './binary-heap.js';
import { type FixedLane, NOT_KNOWN } from './fixed-lane.js';
import { FixedLanes } from './fixed-lanes.js';
import { OneTimer } from './one-timer.js';
import { OwnTimer } from './own-timer.js';

/** Something that expires unless it is removed before. Its fields belong to the queue. */
export interface DeadlineEntry {
  /** Time by the queue's clock. */
  deadline: number;
  /** Where it waits; undefined while it does not. */
  lane: Lane | undefined;
  previous: DeadlineEntry | undefined;
  next: DeadlineEntry | undefined;
  place: number;

  /** Whether the process need not stay alive for it. */
  readonly isBackground?: boolean;

  /** Called once, from a timer, when the time is over. Must not throw. */
  expired(): void;
}

/** Where entries wait in the order in which they expire. */
export interface Lane {
  readonly first: DeadlineEntry | undefined;
  remove(entry: DeadlineEntry): void;
}

/** A delay of so many times the slack may begin with the next tick: it is 5 % too long at most. */
const TICKS = 20;

/**
 * A timer that is so many milliseconds late will not come, on a clock whose timers others may take away: as
 * when a test runner clears its fake ones.
 */
const LOST_MS = 1000;

/** Where entries are between being taken and being called, so that they can still be removed. */
const DUE: Lane = { first: undefined, remove: () => {} };

/**
 * All deadlines of one clock. Holds one timer at most, and none while nothing waits. On a clock with
 * slack the timer is set for that long at most and then left alone, because to set and clear one for
 * each call would cost more than the call; one that finds nothing to do is the last. On a clock whose
 * timers are their caller's, each entry has its own instead.
 */
export class DeadlineQueue {
  static readonly #ofClock = new WeakMap<Clock, DeadlineQueue>();
  static readonly #inBackground = new WeakMap<Clock, DeadlineQueue>();

  readonly #clock: Clock;
  readonly #time: ElapsedTime;
  readonly #source: () => unknown;
  readonly #fixed = new FixedLanes();
  readonly #odd = new BinaryHeap<DeadlineEntry>();
  readonly #oddLane: Lane;
  readonly #isBackground: boolean;
  /** Whether each entry has a timer of its own; such entries are not counted here. */
  readonly #hasOwnTimers: boolean;
  /** What the timer at hand was made of: see `Clock`. A field, for it is read with each coarse time. */
  timerSource: unknown = undefined;
  #waiting = 0;
  /** Those among them for which the process must stay alive. */
  #waitingInFront = 0;
  /** When the last timer was due: the time is at least that, for a clock may lag behind its own timers. */
  #reached = 0;
  readonly #timer: OneTimer;
  /** From what delay on it may begin with the next tick; infinite while none is sure to come. */
  #roughMs = Number.POSITIVE_INFINITY;

  private constructor(clock: Clock, isBackground: boolean) {
    this.#clock = clock;
    this.#isBackground = isBackground;
    this.#hasOwnTimers = clock.hasCallerTimers === true;
    this.#time = ElapsedTime.of(clock);
    this.#source = timerSourceOf(clock);
    this.#timer = new OneTimer(clock, (at) => this.#expire(at));
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
    return this.#fixed.of(delayMs);
  }

  /** @throws what the clock throws if it sets no timer; the entry then does not wait */
  addTo(lane: FixedLane, entry: DeadlineEntry): void {
    const now = this.#now();
    entry.deadline = now + lane.delayMs;
    if (this.#hasOwnTimers) {
      this.#addOwn(entry, lane.delayMs);
      return;
    }
    this.#addIn(lane, entry, now);
  }

  /**
   * As `addTo`, but without a look at the clock where the delay is long against the slack: then it begins
   * with the next tick, so that the entry may expire that much later.
   */
  addRoughlyTo(lane: FixedLane, entry: DeadlineEntry): void {
    if (lane.delayMs < this.#roughMs) {
      this.addTo(lane, entry);
      return;
    }
    entry.deadline = NOT_KNOWN;
    this.#addIn(lane, entry, 0);
  }

  #addIn(lane: FixedLane, entry: DeadlineEntry, startedAt: number): void {
    if (!lane.isListed) this.#fixed.list(lane);
    lane.add(entry);
    this.#added(entry, startedAt);
  }

  /** Milliseconds that an entry of `lane` has left, which `addRoughlyTo` has added and no tick has come for. */
  leftOf({ delayMs }: FixedLane): number {
    const lateMs = this.#now() - this.#timer.at;
    // It is not known when it was added: if the tick is late, it may have been that long ago, and a tick more.
    return lateMs <= 0 ? delayMs : Math.max(0, delayMs - lateMs - this.#slackMs());
  }

  /** As `addTo`, for a delay that does not come again. @throws what the clock throws */
  add(entry: DeadlineEntry, delayMs: number): void {
    const now = this.#now();
    entry.deadline = now + delayMs;
    if (this.#hasOwnTimers) {
      this.#addOwn(entry, delayMs);
      return;
    }
    entry.lane = this.#oddLane;
    this.#odd.add(entry);
    this.#added(entry, now);
  }

  /** Does nothing for an entry that does not wait. */
  remove(entry: DeadlineEntry): void {
    if (entry.lane === undefined) return;
    const isDue = entry.lane === DUE;
    entry.lane.remove(entry);
    entry.lane = undefined;
    if (isDue || this.#hasOwnTimers) return;
    this.#left(entry);
    // One that ticks is left alone.
    if (this.#waiting === 0 && this.#roughMs === Number.POSITIVE_INFINITY) this.#timer.drop();
  }

  #left(entry: DeadlineEntry): void {
    this.#waiting -= 1;
    if (entry.isBackground !== true) this.#waitingInFront -= 1;
  }

  #now(): number {
    return Math.max(this.#reached, this.#time.read());
  }

  #slackMs(): number {
    // What few and long waits cost is nothing: they need no timer that ticks.
    return this.#isBackground ? 0 : slackOf(this.#clock);
  }

  #addOwn(entry: DeadlineEntry, delayMs: number): void {
    const parts = { clock: this.#clock, delayMs, background: this.#isBackground };
    new OwnTimer().set(entry, parts);
  }

  /** @param startedAt when its delay began, if that is known */
  #added(entry: DeadlineEntry, startedAt: number): void {
    this.#waiting += 1;
    if (entry.isBackground !== true) this.#waitingInFront += 1;
    const timer = this.#timer;
    const mustChange = timer.isBackground && this.#waitingInFront > 0 && !this.#isBackground;
    const isLost = this.#clock.timerSource !== undefined && timer.at < startedAt - LOST_MS;
    if (mustChange || isLost || this.timerSource !== this.#source()) {
      timer.drop();
      this.#startUnknown();
    }
    if (entry.deadline >= timer.at) return;
    // Others may have been waiting for one that was dropped.
    const isSet = timer.at < Number.POSITIVE_INFINITY;
    try {
      this.#setTimer(isSet || this.#waiting === 1 ? entry.deadline : this.#earliest());
    } catch (error) {
      this.remove(entry);
      throw error;
    }
  }

  /** Sets the one timer for `deadline`, unless it is set for an earlier time already. */
  #setTimer(deadline: number): void {
    const now = this.#now();
    const slackMs = this.#slackMs();
    const soon = Math.max(now, deadline);
    const at = slackMs === 0 ? soon : Math.min(soon, now + slackMs);
    if (at >= this.#timer.at) return;
    const background = this.#isBackground || this.#waitingInFront === 0;
    this.#timer.set(at, Math.max(0, at - now), background);
    this.timerSource = this.#timer.source;
    this.#roughMs = slackMs === 0 ? Number.POSITIVE_INFINITY : TICKS * slackMs;
  }

  /** No tick is sure to come: what was to begin with it begins now. */
  #startUnknown(): void {
    this.#roughMs = Number.POSITIVE_INFINITY;
    const now = this.#now();
    for (const lane of this.#fixed.listed) lane.startAt(now);
  }

  #expire(at: number): void {
    this.#reached = at;
    this.#startUnknown();
    this.#callDue(this.#now());
    if (this.#waiting === 0) return;
    try {
      this.#setTimer(this.#earliest());
    } catch (error) {
      reportFailure(undefined, { kind: 'callback', name: 'clock', error });
      // Too early is better than never: nobody else would ever call them.
      this.#callDue(Number.POSITIVE_INFINITY);
    }
  }

  #callDue(now: number): void {
    for (const entry of this.#takeDue(now)) {
      // One that was removed by an earlier one is not due any more.
      if (entry.lane !== DUE) continue;
      entry.lane = undefined;
      callGuarded(() => entry.expired(), { kind: 'callback', name: 'deadline' }, undefined);
    }
  }

  #takeDue(now: number): DeadlineEntry[] {
    const due: DeadlineEntry[] = [];
    for (const lane of this.#lanes()) {
      for (let { first } = lane; first !== undefined && first.deadline <= now; first = lane.first) {
        lane.remove(first);
        first.lane = DUE;
        due.push(first);
        this.#left(first);
      }
    }
    this.#fixed.unlistEmpty();
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
    yield* this.#fixed.listed;
    yield this.#oddLane;
  }
}
