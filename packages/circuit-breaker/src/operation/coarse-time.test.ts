import { describe, expect, it, vi } from 'vitest';
import { clockByHand, NotedEntry, throws } from '../../test/support/deadlines.js';
import { flush } from '../../test/support/deferred.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CoarseTime } from './coarse-time.js';
import { DeadlineQueue } from './deadline-queue.js';

const setup = (slackMs?: number) => {
  const clock = Object.assign(new ManualClock(), { slackMs });
  return { clock, time: CoarseTime.of(clock) };
};

describe('coarse time', () => {
  it('is exact time on a clock without slack', () => {
    for (const slackMs of [undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { clock, time } = setup(slackMs);
      expect(time).toBe(ElapsedTime.of(clock));
    }
  });

  it('is the same for everybody on a clock', () => {
    const { clock, time } = setup(50);
    expect(CoarseTime.of(clock)).toBe(time);
    expect(CoarseTime.of(Object.assign(new ManualClock(), { slackMs: 50 }))).not.toBe(time);
  });

  it('is never older than the slack, and never runs back', () => {
    const { clock, time } = setup(50);
    let last = time.read();
    for (let step = 0; step < 500; step += 1) {
      clock.advance(step % 13);
      const now = time.read();
      expect(now).toBeGreaterThanOrEqual(last);
      expect(now).toBeGreaterThanOrEqual(clock.now() - 50);
      expect(now).toBeLessThanOrEqual(clock.now());
      last = now;
    }
  });

  it('does not ask the clock at each reading', () => {
    const { clock } = clockByHand(50);
    let asked = 0;
    const { now } = clock;
    clock.now = () => {
      asked += 1;
      return now();
    };
    const time = CoarseTime.of(clock);
    time.read();
    const before = asked;
    for (let reading = 0; reading < 1000; reading += 1) time.read();
    expect(asked - before).toBeLessThanOrEqual(1000 / 32);
  });

  it('goes on without a tick that does not come, if it is read often, and tells so', () => {
    const { clock, inner } = clockByHand(50);
    const time = CoarseTime.of(clock);
    const seen: number[] = [];
    time.read();
    time.beforeTick?.(() => seen.push(time.read()));
    inner.jump(50);
    for (let reading = 0; reading < 100; reading += 1) expect(time.read()).toBe(0);
    inner.jump(1);
    for (let reading = 0; reading < 32; reading += 1) time.read();
    expect(time.read()).toBe(51);
    expect(seen).toEqual([0]);
  });

  it('tells whoever asked for it before it goes on, once', () => {
    const { clock, time } = setup(50);
    const seen: [name: string, time: number][] = [];
    const asks = (name: string) => time.beforeTick?.(() => seen.push([name, time.read()]));
    expect(asks('nobody')).toBe(false);
    clock.advance(7);
    time.read();
    expect([asks('one'), asks('two')]).toEqual([true, true]);
    clock.advance(49);
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual([
      ['one', 0],
      ['two', 0],
    ]);
    expect(time.read()).toBe(50);
    clock.advance(500);
    expect(seen).toHaveLength(2);
  });

  it('ticks while someone asks, and holds no timer otherwise', () => {
    const { clock, time } = setup(50);
    expect(clock.pendingTimers).toBe(0);
    time.read();
    for (let tick = 0; tick < 5; tick += 1) {
      expect(clock.pendingTimers).toBe(1);
      clock.advance(50);
      time.read();
    }
    clock.advance(50);
    clock.advance(50);
    expect(clock.pendingTimers).toBe(0);
    clock.advance(100_000);
    expect(time.read()).toBe(clock.now());
    expect(clock.pendingTimers).toBe(1);
  });

  it('goes on by itself for the one tick after it was asked for', () => {
    const { clock, time } = setup(50);
    for (let reading = 0; reading < 2; reading += 1) time.read();
    clock.advance(60);
    expect(time.read()).toBe(50);
  });

  it('is exact at each reading on a clock that sets no timers', () => {
    const { clock, inner } = clockByHand(50);
    clock.setTimer.mockImplementation(throws);
    const time = CoarseTime.of(clock);
    expect(time.read()).toBe(0);
    inner.jump(7);
    expect(time.read()).toBe(7);
    inner.jump(7);
    expect(time.read()).toBe(14);
  });

  it('is exact once, and ticks by the new timers, when those of the clock are exchanged', () => {
    const { clock, source, inner, timers } = clockByHand(50);
    const time = CoarseTime.of(clock);
    time.read();
    inner.jump(7);
    expect(time.read()).toBe(0);
    const told = vi.fn();
    time.beforeTick?.(told);
    source.now = 'second';
    expect(told).not.toHaveBeenCalled();
    expect(time.read()).toBe(7);
    expect(told).toHaveBeenCalledTimes(1);
    inner.jump(7);
    expect(time.read()).toBe(7);
    timers[0]?.callback();
    expect(time.read()).toBe(7);
    timers[1]?.callback();
    expect(time.read()).toBe(14);
  });

  it('loses nothing else that waits when the timers of the clock are exchanged', () => {
    const { clock, source, inner, timers } = clockByHand(50);
    const time = CoarseTime.of(clock);
    time.read();
    const beside = vi.fn();
    const queue = DeadlineQueue.of(clock);
    queue.addTo(queue.lane(50), new NotedEntry('', beside));
    source.now = 'second';
    time.read();
    inner.jump(50);
    timers.at(-1)?.callback();
    expect(beside).toHaveBeenCalledTimes(1);
  });

  it('is exact while the clock has no slack, and coarse again when it has', () => {
    const { clock, time } = setup(50);
    time.read();
    clock.slackMs = 0;
    // What it was waiting for still comes; from then on it reads the clock itself.
    clock.advance(50);
    expect(time.read()).toBe(50);
    clock.advance(3);
    expect(time.read()).toBe(53);
    expect(clock.pendingTimers).toBe(0);
    clock.slackMs = 50;
    time.read();
    clock.advance(3);
    expect(time.read()).toBe(53);
  });

  it('stands still on a clock that stops, and runs on with it', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { clock, inner, pending } = clockByHand(50);
    const time = CoarseTime.of(clock);
    inner.jump(10);
    time.read();
    const { now } = clock;
    clock.now = () => Number.NaN;
    pending().at(-1)?.callback();
    const stopped = time.read();
    clock.now = now;
    inner.jump(100);
    pending().at(-1)?.callback();
    expect(time.read() - stopped).toBe(100);
    await flush();
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });
});
