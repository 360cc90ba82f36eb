import { describe, expect, it, vi } from 'vitest';
import { NotedEntry } from '../../test/support/deadlines.js';
import { ManualClock } from '../testing/manual-clock.js';
import { DeadlineQueue } from './deadline-queue.js';
import { FixedLanes } from './fixed-lanes.js';

const setup = () => {
  const clock = new ManualClock();
  return { clock, queue: DeadlineQueue.of(clock) };
};

describe('lanes', () => {
  it('are the same for the same delay', () => {
    const { queue } = setup();
    const lane = queue.lane(5);
    queue.lane(6);
    expect(queue.lane(5)).toBe(lane);
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

  it('are looked at no more once all that waited in them has expired', () => {
    const { clock, queue } = setup();
    const lane = queue.lane(5);
    queue.addTo(lane, new NotedEntry('', () => {}));
    expect(lane.isListed).toBe(true);
    clock.advance(5);
    expect(lane.isListed).toBe(false);
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

describe('many lanes', () => {
  /** So many lanes from `delayMs` on, listed, in each of which something waits. */
  const busyLanes = (lanes: FixedLanes, count: number) => {
    for (let delayMs = 1; delayMs <= count; delayMs += 1) {
      const lane = lanes.of(delayMs);
      lane.add(new NotedEntry('', () => {}));
      lanes.list(lane);
    }
  };

  it('are forgotten once they idle, also those that were in use', () => {
    const lanes = new FixedLanes();
    const used = lanes.of(7);
    lanes.list(used);
    for (let delayMs = 100; delayMs < 300; delayMs += 1) lanes.of(delayMs);
    expect(lanes.of(7)).not.toBe(used);
  });

  it('in use leave room for as many that idle', () => {
    const lanes = new FixedLanes();
    busyLanes(lanes, 100);
    const idle = lanes.of(1000);
    for (let delayMs = 1001; delayMs < 1020; delayMs += 1) lanes.of(delayMs);
    expect(lanes.of(1000)).toBe(idle);
  });

  it('are not listed without end, though each was in use', () => {
    const lanes = new FixedLanes();
    const held = Array.from({ length: 200 }, (_, delayMs) => lanes.of(delayMs));
    for (const lane of held) lanes.list(lane);
    expect(lanes.listed.length).toBeLessThanOrEqual(64);
  });

  it('are left in the list for a while, for they may soon be in use again', () => {
    const lanes = new FixedLanes();
    for (let delayMs = 0; delayMs < 50; delayMs += 1) lanes.list(lanes.of(delayMs));
    expect(lanes.listed).toHaveLength(50);
    const many = new FixedLanes();
    busyLanes(many, 100);
    for (let delayMs = 1000; delayMs < 1020; delayMs += 1) many.list(many.of(delayMs));
    expect(many.listed).toHaveLength(120);
  });
});
