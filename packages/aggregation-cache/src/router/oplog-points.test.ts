import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { OplogTrail } from './oplog-trail.js';

/** So many points are remembered. */
const REMEMBERED = 128;

/** The operation that was written in the given second, by the primary's calendar. */
const operation = (second: number, term = 1) => ({
  applied: { ts: new Timestamp({ t: second, i: 1 }), term },
  wroteAt: second * 1_000,
});

/** The primary says at `serverTime` that `second` was its newest; the answer was under way from `askedAt` on. */
const look = (
  trail: OplogTrail,
  {
    second,
    serverTime = second * 1_000,
    term = 1,
    askedAt = serverTime,
    tripMs = 0,
  }: {
    readonly second: number;
    readonly serverTime?: number;
    readonly term?: number;
    readonly askedAt?: number;
    readonly tripMs?: number;
  },
) =>
  trail.add({ ...operation(second, term), serverTime }, { askedAt, answeredAt: askedAt + tripMs });

describe("the primary's calendar", () => {
  it('is put right by each quick answer', () => {
    for (const [tripMs, since] of [
      [200, 7_000 + 50_000 + 100],
      [201, 7_000],
    ] as const) {
      const trail = new OplogTrail();
      look(trail, { second: 5 });
      look(trail, { second: 7, askedAt: 57_000, tripMs });
      // What was written last is all that is lacking, since the moment at which it was.
      expect(trail.behindSince({ ...operation(5), wroteAt: 7_000 })).toBe(since);
    }
  });

  it('is known by the first answer of a primary, however slow', () => {
    const trail = new OplogTrail();
    look(trail, { second: 5, askedAt: 50_000, tripMs: 400 });
    expect(trail.behindSince({ ...operation(4), wroteAt: 5_000 })).toBe(50_200);
    look(trail, { second: 9, term: 2, askedAt: 90_000, tripMs: 400 });
    expect(trail.behindSince({ ...operation(5), wroteAt: 9_000 })).toBe(90_200);
  });
});

describe('what is remembered of the oplog', () => {
  it('goes back so many points', () => {
    const trail = new OplogTrail();
    for (let second = 1; second <= REMEMBERED; second += 1) look(trail, { second });
    const sinceStart = () => trail.behindSince({ ...operation(0), wroteAt: 200_000 });
    expect(sinceStart()).toBe(1_000);
    look(trail, { second: REMEMBERED + 1 });
    expect(sinceStart()).toBe(2_000);
  });

  it('is one point for as long as nothing is written', () => {
    const trail = new OplogTrail();
    look(trail, { second: 1 });
    for (let n = 0; n < 2 * REMEMBERED; n += 1) look(trail, { second: 2, serverTime: 2_000 + n });
    expect(trail.behindSince({ ...operation(0), wroteAt: 200_000 })).toBe(1_000);
  });

  it('is the last moment at which a point was still the newest', () => {
    const trail = new OplogTrail();
    look(trail, { second: 1, serverTime: 1_500 });
    look(trail, { second: 1, serverTime: 3_000 });
    look(trail, { second: 1, serverTime: 2_500 });
    // Written, by its date, before it was seen not to be there: a date is as of the begin of a write.
    look(trail, { second: 2, serverTime: 4_000 });
    expect(trail.behindSince(operation(1))).toBe(3_000);
  });
});
