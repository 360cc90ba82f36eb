import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { WorkLoop, type WorkLoopOptions } from './work-loop.js';

function setUp(options: Partial<WorkLoopOptions> = {}) {
  const clock = new ManualClock();
  const queue: string[] = [];
  const done: string[] = [];
  const errors: unknown[] = [];
  const loop = new WorkLoop({
    clock,
    intervalMs: 1_000,
    work: async () => {
      const next = queue.shift();
      if (next === undefined) return false;
      await Promise.resolve();
      if (next === 'bad') throw new Error('bad work');
      done.push(next);
      return true;
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  return { clock, queue, done, errors, loop };
}

describe('the work loop', () => {
  it('does what is there when it starts, and all of it', async () => {
    const { queue, done, loop } = setUp();
    queue.push('a', 'b', 'c');
    loop.start();
    await loop.drain();
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('looks again at each interval and when it is woken', async () => {
    const { clock, queue, done, loop } = setUp();
    loop.start();
    await loop.drain();
    queue.push('later');
    clock.advance(1_000);
    await loop.drain();
    queue.push('woken');
    loop.wake();
    await loop.drain();
    expect(done).toEqual(['later', 'woken']);
  });

  it('does not miss work that comes while it is about to rest', async () => {
    const { queue, done, loop } = setUp();
    loop.start();
    for (let i = 0; i < 100; i += 1) {
      queue.push(`${i}`);
      loop.wake();
      for (let turns = 0; turns < i % 7; turns += 1) await Promise.resolve();
    }
    await loop.drain();
    expect(done).toHaveLength(100);
  });

  it('tells of work that throws and goes on at the next turn', async () => {
    const { queue, done, errors, loop } = setUp();
    queue.push('bad', 'good');
    await loop.drain();
    await loop.drain();
    expect(errors).toEqual([expect.objectContaining({ message: 'bad work' })]);
    expect(done).toEqual(['good']);
  });

  it('has as many pieces in hand as it has workers', async () => {
    let inHand = 0;
    let most = 0;
    let left = 9;
    const { loop } = setUp({
      concurrency: 3,
      work: async () => {
        if (left === 0) return false;
        left -= 1;
        inHand += 1;
        most = Math.max(most, inHand);
        await Promise.resolve();
        inHand -= 1;
        return true;
      },
    });
    await loop.drain();
    expect({ most, left }).toEqual({ most: 3, left: 0 });
  });

  it('ends with the piece in hand when it is stopped, and takes no more', async () => {
    const { clock, queue, done, loop } = setUp();
    queue.push('in hand', 'left');
    loop.start();
    await loop.stop();
    clock.advance(10_000);
    loop.wake();
    await loop.drain();
    expect(done).toEqual(['in hand']);
    expect(clock.pendingTimers).toBe(0);
  });
});
