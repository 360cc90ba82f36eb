import { seededRandom } from '@nestcms/circuit-breaker';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { compareOptimes } from './hello.js';
import { OplogTrail } from './oplog-trail.js';

/** The primary's calendar is elsewhere than this process's clock. */
const CALENDAR = 1_767_225_600_000;

interface Written {
  readonly at: number;
  readonly applied: { ts: Timestamp; term: number };
}

/** Writes at the given moments, each with its place in the oplog as a server counts it. */
const oplog = (moments: readonly number[], term = 1): readonly Written[] => {
  let second = 0;
  let i = 0;
  return moments.map((at) => {
    const t = Math.floor((CALENDAR + at) / 1_000);
    i = t === second ? i + 1 : 1;
    second = t;
    return { at, applied: { ts: new Timestamp({ t, i }), term } };
  });
};

const newestAt = (writes: readonly Written[], at: number) =>
  writes.findLast((write) => write.at <= at);

const helloOf = ({ at, applied }: Written, now: number) => ({
  applied,
  wroteAt: CALENDAR + at,
  serverTime: CALENDAR + Math.floor(now),
});

/** The primary is looked at once a second from `from` on, until `to`. */
const follow = (writes: readonly Written[], from: number, to: number, tripMs = 2): OplogTrail => {
  const trail = new OplogTrail();
  for (let at = from; at <= to; at += 1_000) {
    const newest = newestAt(writes, at);
    if (newest === undefined) continue;
    trail.add(helloOf(newest, at), { askedAt: at - tripMs / 2, answeredAt: at + tripMs / 2 });
  }
  return trail;
};

/** By how much the estimate is off for a member that stopped at `stoppedAt`, in ms. */
const errorOf = (writes: readonly Written[], phase: number, stoppedAt: number, now: number) => {
  const last = newestAt(writes, stoppedAt);
  const missing = writes.find((write) => write.at > stoppedAt);
  if (last === undefined || missing === undefined) throw new Error('Nothing is missing.');
  const since = follow(writes, phase, now).behindSince(helloOf(last, now));
  return since === undefined ? Number.NaN : missing.at - since;
};

/** Moments until 12 s, as they come by chance. */
const atRandom = (random: () => number, perSecond: number): number[] => {
  const moments = [0];
  let at = 0;
  while (at < 12_000) {
    at += (-Math.log(1 - random()) * 1_000) / perSecond;
    moments.push(at);
  }
  return moments;
};

const every = (gapMs: number, untilMs: number) =>
  Array.from({ length: Math.floor(untilMs / gapMs) }, (_, n) => n * gapMs);

describe('the lag of a member that stopped', () => {
  it.each([1, 5, 20, 50, 100])(
    'is right to 100 ms, whenever it stopped, with a write every %i ms',
    (gapMs) => {
      const writes = oplog(every(gapMs, 12_000));
      for (let phase = 0; phase < 1_000; phase += 37) {
        for (let stoppedAt = 3_000; stoppedAt < 5_000; stoppedAt += 113) {
          const error = errorOf(writes, phase, stoppedAt, 9_000);
          expect(Math.abs(error), `phase ${phase}, stopped at ${stoppedAt}`).toBeLessThanOrEqual(
            100,
          );
        }
      }
    },
  );

  it('is right to 100 ms for 99 of 100, with writes at random moments, fifty a second and more', () => {
    const random = seededRandom(7);
    const errors: number[] = [];
    for (const perSecond of [50, 200, 1_000]) {
      for (let round = 0; round < 100; round += 1) {
        const moments = atRandom(random, perSecond);
        errors.push(
          Math.abs(errorOf(oplog(moments), random() * 1_000, 3_000 + random() * 2_000, 9_000)),
        );
      }
    }
    errors.sort((one, other) => one - other);
    expect(errors[Math.floor(errors.length * 0.99)]).toBeLessThanOrEqual(100);
  });

  it('is exact for the only write on a quiet set', () => {
    for (let wroteAt = 5_000; wroteAt < 6_000; wroteAt += 91) {
      expect(Math.abs(errorOf(oplog([0, wroteAt]), 130, 4_000, 9_000))).toBeLessThanOrEqual(2);
    }
  });

  it('is never off by more than the time between two looks', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 500; round += 1) {
      const perSecond = 0.3 + random() * 10;
      const moments = [...atRandom(random, perSecond), 8_000];
      const writes = oplog(moments.sort((one, other) => one - other));
      const error = errorOf(writes, random() * 1_000, 3_000 + random() * 2_000, 9_500);
      expect(Math.abs(error)).toBeLessThanOrEqual(1_002);
    }
  });

  it('does not depend on the clock of this process', () => {
    const writes = oplog(every(10, 12_000));
    const [last, now] = [newestAt(writes, 4_005) as Written, 8_000];
    const shifted = new OplogTrail();
    for (let at = 0; at <= now; at += 1_000) {
      const newest = newestAt(writes, at) as Written;
      shifted.add(helloOf(newest, at), { askedAt: at - 50_001, answeredAt: at - 49_999 });
    }
    expect(shifted.behindSince(helloOf(last, now))).toBeCloseTo(4_010 - 50_000, -2);
  });
});

describe('a member', () => {
  const writes = oplog([0, 1_500, 2_500]);

  it('that has the newest operation is not behind, however old that is', () => {
    const trail = follow(writes, 100, 60_100);
    expect(trail.behindSince(helloOf(writes[2] as Written, 60_100))).toBeUndefined();
  });

  it('that is ahead of what was seen of the primary is not behind', () => {
    const trail = follow(writes, 100, 1_100);
    expect(trail.behindSince(helloOf(writes[2] as Written, 2_600))).toBeUndefined();
  });

  it('is not behind while nothing is known of the primary', () => {
    expect(new OplogTrail().behindSince(helloOf(writes[0] as Written, 0))).toBeUndefined();
  });

  it('that kept what was rolled back is behind, though its time is later', () => {
    const trail = follow(writes, 100, 3_100);
    const [, , next] = oplog([0, 1_500, 4_000], 2);
    const later = {
      at: 9_000,
      applied: { ts: new Timestamp({ t: 1_767_225_609, i: 1 }), term: 1 },
    };
    trail.add(helloOf(next as Written, 4_100), { askedAt: 4_099, answeredAt: 4_101 });
    expect(trail.behindSince(helloOf(later, 4_100))).toBeDefined();
    expect(compareOptimes((next as Written).applied, later.applied)).toBeGreaterThan(0);
  });

  it('is judged by the count, where two writes are of one second', () => {
    const [before, next] = oplog([3_000, 3_100, 3_500]).slice(1) as [Written, Written];
    const trail = follow([before, next], 150, 4_150);
    // The one after the other: nothing was written in between, however busy the set had been.
    expect(Math.abs((trail.behindSince(helloOf(before, 4_150)) ?? 0) - 3_500)).toBeLessThanOrEqual(
      2,
    );
  });

  it('is not judged by what a primary says that others have left behind', () => {
    const [first, second, third] = oplog([0, 2_500, 3_000]) as [Written, Written, Written];
    const trail = new OplogTrail();
    const see = (write: Written, at: number) =>
      trail.add(helloOf(write, at), { askedAt: at - 1, answeredAt: at + 1 });
    see(second, 2_600);
    see(first, 5_000);
    see(third, 6_100);
    expect(trail.behindSince(helloOf(second, 6_100))).toBeLessThanOrEqual(3_000);
  });

  it('an answer of the primary that was long under way does not move the clock', () => {
    const trail = follow(writes, 100, 1_100);
    trail.add(helloOf(writes[1] as Written, 2_100), { askedAt: 2_100, answeredAt: 9_000 });
    const since = trail.behindSince(helloOf(writes[0] as Written, 2_100));
    expect(Math.abs((since ?? 0) - 1_500)).toBeLessThanOrEqual(2);
  });
});
