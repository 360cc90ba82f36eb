import { describe, expect, it } from 'vitest';
import { NOTHING, recordIn, settableTime, sumsIn, sumsOf } from '../../test/support/window-sums.js';
import type { ResolvedWindow } from '../options.js';
import { ManualClock } from '../testing/manual-clock.js';
import { ConsecutiveWindow } from './consecutive-window.js';
import { CountWindow } from './count-window.js';
import { createWindow, moveCalls } from './create-window.js';
import { EwmaWindow } from './ewma-window.js';
import { TimeWindow } from './time-window.js';

const KINDS: Record<ResolvedWindow['kind'], ResolvedWindow> = {
  count: { kind: 'count', size: 10 },
  time: { kind: 'time', durationMs: 1000, buckets: 10 },
  ewma: { kind: 'ewma', halfLifeMs: 1000 },
  consecutive: { kind: 'consecutive' },
};
const names = Object.keys(KINDS) as ResolvedWindow['kind'][];

const CALLS = [
  { failed: true, slow: false, weight: 300 },
  { failed: false, slow: true, weight: 100 },
  { failed: true, slow: false, weight: 300 },
  { failed: false, slow: true, weight: 100 },
];

describe('a window', () => {
  it.each([
    ['count', CountWindow],
    ['time', TimeWindow],
    ['ewma', EwmaWindow],
    ['consecutive', ConsecutiveWindow],
  ] as const)('of kind %s is made as its options say', (kind, type) => {
    const window = createWindow(KINDS[kind], new ManualClock());
    expect(window).toBeInstanceOf(type);
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it.each(names)('takes many successes at once as it takes each: %s', (kind) => {
    for (const count of [1, 3, 10, 25]) {
      const clock = new ManualClock();
      const [one, many] = [createWindow(KINDS[kind], clock), createWindow(KINDS[kind], clock)];
      for (const window of [one, many]) for (const call of CALLS) recordIn(window, call);
      clock.advance(300);
      for (let left = count; left > 0; left -= 1) one.record(false, false, 100);
      many.refresh();
      many.recordSuccesses(count);
      clock.advance(100);
      expect(sumsIn(many)).toEqual(sumsIn(one));
      clock.advance(650);
      expect(sumsIn(many)).toEqual(sumsIn(one));
      recordIn(many, CALLS[0] as (typeof CALLS)[0]);
      recordIn(one, CALLS[0] as (typeof CALLS)[0]);
      expect(sumsIn(many)).toEqual(sumsIn(one));
    }
  });

  it('grows old by a time that ticks, or by an exact one, or by none', () => {
    const exact = new ManualClock();
    const coarse = Object.assign(new ManualClock(), { slackMs: 50 });
    const ticksIn = (kind: ResolvedWindow['kind'], clock: ManualClock) => {
      const window = createWindow(KINDS[kind], clock);
      window.record(false, false, 100);
      return window.time === undefined ? 'none' : window.time.ticks;
    };
    expect(names.map((kind) => ticksIn(kind, exact))).toEqual([
      'none',
      undefined,
      undefined,
      'none',
    ]);
    expect(names.map((kind) => ticksIn(kind, coarse))).toEqual(['none', true, true, 'none']);
  });

  it.each(['time', 'ewma'] as const)('of kind %s goes by the time that it is given', (kind) => {
    const time = settableTime();
    const clock = new ManualClock();
    const window = createWindow(KINDS[kind], clock, time);
    recordIn(window, CALLS[0] as (typeof CALLS)[0]);
    clock.advance(1000);
    expect(sumsIn(window).calls).toBe(1);
    time.now = 1000;
    expect(sumsIn(window).calls).toBeLessThan(1);
  });

  it('of time may lag where its buckets are wide, and is exact where they are not', () => {
    const forget = (durationMs: number) => {
      const clock = Object.assign(new ManualClock(), { slackMs: 50 });
      const window = createWindow({ kind: 'time', durationMs, buckets: 10 }, clock);
      recordIn(window, CALLS[0] as (typeof CALLS)[0]);
      // Without a timer only an exact reading of the time sees this.
      clock.jump(durationMs);
      return sumsIn(window).calls;
    };
    expect(forget(1000)).toBe(1);
    expect(forget(999)).toBe(0);
  });

  it('that fades may lag where it fades slowly, and is exact where it does not', () => {
    const fade = (halfLifeMs: number) => {
      const clock = Object.assign(new ManualClock(), { slackMs: 50 });
      const window = createWindow({ kind: 'ewma', halfLifeMs }, clock);
      recordIn(window, CALLS[0] as (typeof CALLS)[0]);
      clock.jump(halfLifeMs);
      return sumsIn(window).calls;
    };
    expect(fade(1000)).toBe(1);
    expect(fade(999)).toBe(0.5);
  });
});

describe('moving calls to another window', () => {
  const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));

  it.each(pairs)('keeps them from %s to %s', (from, to) => {
    const clock = new ManualClock();
    const older = createWindow(KINDS[from], clock);
    for (const call of CALLS) recordIn(older, call);
    const window = createWindow(KINDS[to], clock);
    moveCalls(older, window);
    // A window of runs knows the last call alone, and of sums alone it is not known which that is.
    const known = from === 'consecutive' ? CALLS.slice(-1) : CALLS;
    const middle = { failed: true, slow: true, weight: 200 };
    const expected = to === 'consecutive' && from !== 'consecutive' ? [middle] : known;
    expect(sumsIn(window)).toEqual(sumsOf(expected));
  });

  it('keeps their order from one count window to another', () => {
    const kind = { kind: 'count', size: 4 } as const;
    const clock = new ManualClock();
    const older = createWindow(kind, clock);
    for (const call of CALLS) recordIn(older, call);
    const window = createWindow(kind, clock);
    moveCalls(older, window);
    for (const [index, call] of CALLS.entries()) {
      recordIn(window, call);
      const last = [...CALLS, ...CALLS.slice(0, index + 1)].slice(-4);
      expect(sumsIn(window)).toEqual(sumsOf(last));
    }
  });

  it('keeps their age from one window of time to another', () => {
    const clock = new ManualClock();
    const older = createWindow(KINDS.time, clock);
    recordIn(older, CALLS[0] as (typeof CALLS)[0]);
    clock.advance(500);
    const window = createWindow(KINDS.time, clock);
    moveCalls(older, window);
    expect(sumsIn(window).calls).toBe(1);
    clock.advance(500);
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it.each(pairs)('moves nothing from an empty window of %s to one of %s', (from, to) => {
    const clock = new ManualClock();
    const window = createWindow(KINDS[to], clock);
    moveCalls(createWindow(KINDS[from], clock), window);
    expect(sumsIn(window)).toEqual(NOTHING);
  });

  it.each(names)('moves nothing from a window of time that is too old, to one of %s', (to) => {
    const clock = new ManualClock();
    const older = createWindow(KINDS.time, clock);
    for (const call of CALLS) recordIn(older, call);
    clock.advance(2000);
    const window = createWindow(KINDS[to], clock);
    moveCalls(older, window);
    expect(sumsIn(window)).toEqual(NOTHING);
  });
});
