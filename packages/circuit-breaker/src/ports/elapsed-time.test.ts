import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { ElapsedTime } from './elapsed-time.js';

const HOUR = 3_600_000;

/** Elapsed time that has begun to count. */
const begin = (now: () => number) => {
  const time = new ElapsedTime({ now });
  time.read(() => {});
  return time;
};

describe('elapsed time', () => {
  it('counts from zero, whatever the clock starts at', () => {
    let now = 1e12;
    const time = new ElapsedTime({ now: () => now });
    expect(time.read()).toBe(0);
    now += 250;
    expect(time.read()).toBe(250);
  });

  it('stands still over a step back and counts on from there', () => {
    let now = HOUR;
    const time = begin(() => now);
    now += 100;
    expect(time.read()).toBe(100);
    now -= HOUR;
    expect(time.read()).toBe(100);
    now += 50;
    expect(time.read()).toBe(150);
  });

  it('stands still while the clock gives no number', () => {
    let now = 0;
    const time = begin(() => now);
    now = Number.NaN;
    expect(time.read(() => {})).toBe(0);
    now = Number.POSITIVE_INFINITY;
    expect(time.read(() => {})).toBe(0);
    now = 10;
    expect(time.read()).toBe(10);
  });

  it('recovers from a clock that gave no number at first', () => {
    let now = Number.NaN;
    const time = begin(() => now);
    now = 10;
    time.read();
    now = 25;
    expect(time.read()).toBe(15);
  });

  it('stands still while the clock throws, and tells so once for each time it stops, a moment later', async () => {
    let now: () => number = () => 0;
    const told: unknown[] = [];
    const hook = ({ error }: { error: unknown }) => told.push(error);
    const time = begin(() => now());
    const broken = new Error('no time');
    const noNumber = new TypeError('now() must return a number.');
    const stops = [
      () => {
        throw broken;
      },
      () => Number.NaN,
      () => 500n as never,
    ];
    for (const [index, stop] of stops.entries()) {
      now = stop;
      expect(time.read(hook)).toBe(index * 10);
      expect(time.read(hook)).toBe(index * 10);
      expect(told).toHaveLength(index);
      await flush();
      now = () => (index + 1) * 10;
      expect(time.read(hook)).toBe((index + 1) * 10);
    }
    expect(told).toEqual([broken, noNumber, noNumber]);
  });

  it('of one clock is the same for everybody, so that times of two users can be compared', () => {
    const clock = { now: () => 0 };
    expect(ElapsedTime.of(clock)).toBe(ElapsedTime.of(clock));
    expect(ElapsedTime.of({ now: () => 0 })).not.toBe(ElapsedTime.of(clock));
  });

  it('takes the way back of a clock that returns from a step back for time that passed', () => {
    let now = HOUR;
    const time = begin(() => now);
    now = 0;
    time.read();
    now = HOUR;
    expect(time.read()).toBe(HOUR);
  });

  it('reports by a process warning where nobody asked to be told', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      new ElapsedTime({ now: () => Number.NaN }).read();
      await flush();
      expect(warned.mock.calls).toMatchObject([
        [expect.stringContaining("'clock' failed"), { type: 'ListenerFailedWarning' }],
      ]);
    } finally {
      warned.mockRestore();
    }
  });
});
