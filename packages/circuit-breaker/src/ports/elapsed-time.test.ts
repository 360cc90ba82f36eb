import { describe, expect, it } from 'vitest';
import { ElapsedTime } from './elapsed-time.js';

const HOUR = 3_600_000;

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
    const time = new ElapsedTime({ now: () => now });
    now += 100;
    expect(time.read()).toBe(100);
    now -= HOUR;
    expect(time.read()).toBe(100);
    now += 50;
    expect(time.read()).toBe(150);
  });

  it('stands still while the clock gives no number', () => {
    let now = 0;
    const time = new ElapsedTime({ now: () => now });
    now = Number.NaN;
    expect(time.read()).toBe(0);
    now = Number.POSITIVE_INFINITY;
    expect(time.read()).toBe(0);
    now = 10;
    expect(time.read()).toBe(10);
  });

  it('recovers from a clock that gave no number at first', () => {
    let now = Number.NaN;
    const time = new ElapsedTime({ now: () => now });
    now = 10;
    time.read();
    now = 25;
    expect(time.read()).toBe(15);
  });

  it('stands still while the clock throws, and tells so once for each time it stops', () => {
    let now: () => number = () => 0;
    const told: unknown[] = [];
    const time = new ElapsedTime({ now: () => now() }, (error) => told.push(error));
    const broken = new Error('no time');
    const stops = [
      () => {
        throw broken;
      },
      () => Number.NaN,
      () => 5n as never,
    ];
    for (const [index, stop] of stops.entries()) {
      now = stop;
      expect(time.read()).toBe(index * 10);
      expect(time.read()).toBe(index * 10);
      now = () => (index + 1) * 10;
      expect(time.read()).toBe((index + 1) * 10);
    }
    expect(told).toEqual([broken, expect.any(TypeError), expect.any(TypeError)]);
  });

  it('takes the way back of a clock that returns from a step back for time that passed', () => {
    let now = HOUR;
    const time = new ElapsedTime({ now: () => now });
    now = 0;
    time.read();
    now = HOUR;
    expect(time.read()).toBe(HOUR);
  });
});
