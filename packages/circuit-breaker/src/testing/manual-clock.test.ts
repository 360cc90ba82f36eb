import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from './manual-clock.js';

describe('a manual clock', () => {
  it('stands still until it is advanced, and moves both times', () => {
    const clock = new ManualClock({ wallTime: 5000 });
    expect([clock.now(), clock.wallTime()]).toEqual([0, 5000]);
    clock.advance(250);
    expect([clock.now(), clock.wallTime()]).toEqual([250, 5250]);
  });

  it('sets calendar time alone', () => {
    const clock = new ManualClock();
    clock.setWallTime(1);
    clock.advance(10);
    expect([clock.now(), clock.wallTime()]).toEqual([10, 11]);
  });

  it('calls timers in the order they fall due, each at its own time', () => {
    const clock = new ManualClock();
    const heard: [string, number][] = [];
    clock.setTimer(() => heard.push(['late', clock.now()]), 30);
    clock.setTimer(() => {
      heard.push(['early', clock.now()]);
      clock.setTimer(() => heard.push(['from within', clock.now()]), 5);
    }, 10);
    const cancel = clock.setTimer(() => heard.push(['cancelled', clock.now()]), 20);
    cancel();
    clock.advance(29);
    expect(heard).toEqual([
      ['early', 10],
      ['from within', 15],
    ]);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(heard.at(-1)).toEqual(['late', 30]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('calls timers of the same moment in the order they were set', () => {
    const clock = new ManualClock();
    const heard: number[] = [];
    for (const id of [1, 2, 3]) clock.setTimer(() => heard.push(id), 10);
    clock.advance(10);
    expect(heard).toEqual([1, 2, 3]);
  });

  it('lets promises settle between timers', async () => {
    const clock = new ManualClock();
    const heard: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(resolve, ms));
    const work = (async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await wait(100);
        heard.push(clock.now());
      }
    })();
    await clock.advanceAsync(300);
    await work;
    expect(heard).toEqual([100, 200, 300]);
  });

  it('jumps without calling timers, also backwards', () => {
    const clock = new ManualClock();
    const callback = vi.fn();
    clock.setTimer(callback, 10);
    clock.jump(50);
    clock.jump(-80);
    expect(clock.now()).toBe(-30);
    expect(callback).not.toHaveBeenCalled();
  });

  it('begins at the times given', () => {
    const clock = new ManualClock({ wallTime: 5000, now: 70 });
    clock.advance(1);
    expect([clock.now(), clock.wallTime()]).toEqual([71, 5001]);
    expect(new ManualClock().wallTime()).toBe(Date.UTC(2026, 0, 1));
  });

  it('refuses to advance by less than nothing', () => {
    expect(() => new ManualClock().advance(-1)).toThrow(/by 0 ms or more; it was told -1/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '5' as never, null as never])(
    'refuses %o for a time',
    async (time) => {
      const clock = new ManualClock();
      const told = (name: string) => `A clock's ${name} must be a finite number`;
      expect(() => clock.advance(time)).toThrow(told('ms'));
      await expect(clock.advanceAsync(time)).rejects.toThrow(RangeError);
      expect(() => clock.setWallTime(time)).toThrow(told('wallTime'));
      expect(() => clock.jump(time)).toThrow(told('ms'));
      expect(() => clock.setTimer(() => {}, time)).toThrow(told('delayMs'));
      expect([clock.now(), clock.wallTime(), clock.pendingTimers]).toEqual([
        0,
        Date.UTC(2026, 0, 1),
        0,
      ]);
    },
  );

  it('refuses to be made of anything but its two times', () => {
    expect(() => new ManualClock({ wallTime: Number.NaN })).toThrow(/^A clock's wallTime must be/);
    expect(() => new ManualClock({ now: Number.NaN })).toThrow(/^A clock's now must be/);
    for (const wrong of [5000, null]) {
      expect(() => new ManualClock(wrong as never)).toThrow(
        /^A clock is made with \{ wallTime, now \}/,
      );
    }
  });
});
