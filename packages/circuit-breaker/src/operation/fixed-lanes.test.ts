import { describe, expect, it, vi } from 'vitest';
import { NotedEntry } from '../../test/support/deadlines.js';
import { ManualClock } from '../testing/manual-clock.js';
import { DeadlineQueue } from './deadline-queue.js';

const setup = () => {
  const clock = new ManualClock();
  return { clock, queue: DeadlineQueue.of(clock) };
};

describe('lanes', () => {
  it('are the same for the same delay', () => {
    const { queue } = setup();
    expect(queue.lane(5)).toBe(queue.lane(5));
  });

  it('that idle are forgotten when there are many, and work all the same', () => {
    const { clock, queue } = setup();
    const held = queue.lane(5);
    const busy = queue.lane(6);
    const late = vi.fn();
    queue.addTo(busy, new NotedEntry('', late));
    for (let delayMs = 100; delayMs < 400; delayMs += 1) queue.lane(delayMs);
    // Whatever found no use was let go of; what is in use was not.
    expect(queue.lane(5)).not.toBe(held);
    expect(queue.lane(6)).toBe(busy);
    const called = vi.fn();
    queue.addTo(held, new NotedEntry('', called));
    queue.addTo(queue.lane(5), new NotedEntry('', called));
    clock.advance(6);
    expect(called).toHaveBeenCalledTimes(2);
    expect(late).toHaveBeenCalledTimes(1);
  });

  it('of which each is used once do not slow down those that follow', () => {
    const { clock, queue } = setup();
    const called = vi.fn();
    const first = queue.lane(1000);
    for (let n = 0; n < 5000; n += 1) {
      const entry = new NotedEntry('', called);
      queue.addTo(queue.lane(1000 + n), entry);
      queue.remove(entry);
    }
    expect(first.isListed).toBe(false);
    queue.addTo(first, new NotedEntry('', called));
    clock.advance(1000);
    expect(called).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
