import { compareOptimes, type Hello, type Optime } from './hello.js';

/** Points remembered: at one a second, two minutes. A member that is further behind is no more precisely so. */
const REMEMBERED = 128;

/** Milliseconds. An answer that was longer under way says too little about when it was given. */
const LONGEST_TRIP_MS = 200;

/** The newest operation of the primary at some moment. All times by this process's clock, in ms. */
interface Point {
  readonly optime: Optime;
  readonly wroteAt: number;
  /** The last moment at which it was still the newest. */
  seenAt: number;
}

/**
 * What is known of the primary's oplog from looking at its end now and then, to tell since when a member
 * lacks something.
 *
 * The lag of a member is the age of the first operation that it lacks. That operation is never seen, only
 * two points around it: its write lies after the member's own last operation and after the last moment at
 * which the primary was seen to have nothing newer, and not after the next point. In between, as many
 * operations as the counters in the timestamps tell are taken to be spread evenly. So the error is about
 * the gap between two writes: below 100 ms from ten even or fifty irregular writes a second on, and for a
 * single write on a quiet set, which is the next point itself. At a few irregular writes a second it is at
 * worst the time between two looks.
 *
 * The times that are compared were all written by the primary: a member's clock never counts.
 */
export class OplogTrail {
  #points: Point[] = [];
  /** From the primary's calendar to this process's clock. */
  #offsetMs = 0;

  /** The primary, asked at `askedAt`, said at `answeredAt` that `optime` was its newest. */
  add(
    { applied: optime, wroteAt, serverTime }: Pick<Hello, 'applied' | 'wroteAt' | 'serverTime'>,
    { askedAt, answeredAt }: { readonly askedAt: number; readonly answeredAt: number },
  ): void {
    const last = this.#points.at(-1);
    const isQuick = answeredAt - askedAt <= LONGEST_TRIP_MS;
    // Another primary has another clock.
    if (isQuick || last?.optime.term !== optime.term) {
      // It looked at itself somewhere on the way; in the middle the error is the least.
      this.#offsetMs = (askedAt + answeredAt) / 2 - serverTime;
    }
    const seenAt = serverTime + this.#offsetMs;
    const order = last === undefined ? 1 : compareOptimes(optime, last.optime);
    if (order < 0) return;
    if (order === 0 && last !== undefined) last.seenAt = Math.max(last.seenAt, seenAt);
    else this.#points.push({ optime, wroteAt: wroteAt + this.#offsetMs, seenAt });
    if (this.#points.length > REMEMBERED) this.#points.shift();
  }

  /**
   * Since when a member that said so lacks something.
   * @returns undefined if it has all that is known of
   */
  behindSince({
    applied: optime,
    wroteAt,
  }: Pick<Hello, 'applied' | 'wroteAt'>): number | undefined {
    const index = this.#points.findIndex((point) => compareOptimes(point.optime, optime) > 0);
    const next = this.#points[index];
    if (next === undefined) return undefined;
    const before = this.#points[index - 1];
    const to = Math.max(next.wroteAt, before?.seenAt ?? Number.NEGATIVE_INFINITY);
    const from = Math.min(
      to,
      Math.max(wroteAt + this.#offsetMs, before?.seenAt ?? Number.NEGATIVE_INFINITY),
    );
    return from + (to - from) / operationsUpTo(next, optime, before, to - from);
  }
}

/** How many operations there were after `optime`, up to `next`; at least 1. */
const operationsUpTo = (
  next: Point,
  optime: Optime,
  before: Point | undefined,
  spanMs: number,
): number => {
  const { ts } = next.optime;
  // Within one second the timestamps are numbered.
  if (ts.t === optime.ts.t) return Math.max(1, ts.i - optime.ts.i);
  // The younger the newest operation was when it was seen, the closer they follow each other.
  const ageMs = Math.max(1, before === undefined ? spanMs : before.seenAt - before.wroteAt);
  return Math.max(1, ts.i, optime.ts.i, spanMs / ageMs);
};
