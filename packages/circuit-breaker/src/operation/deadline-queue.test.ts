import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { DeadlineQueue } from './deadline-queue.js';
import { PlainDeadlineEntry } from './plain-deadline-entry.js';

class Entry extends PlainDeadlineEntry {
  readonly expired: () => void;

  constructor(expired: () => void) {
    super();
    this.expired = expired;
  }
}

const setup = () => {
  const clock = new ManualClock();
  return { clock, queue: DeadlineQueue.of(clock) };
};

describe('a deadline queue', () => {
  it('calls every entry at its time and in order, but for those that were removed', () => {
    const step = fc.record({
      delayMs: fc.integer({ min: 0, max: 50 }),
      isFixed: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 20 }),
      removesOlder: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, queue } = setup();
        const expected: number[] = [];
        const seen: number[] = [];
        const waiting: { entry: Entry; at: number }[] = [];
        for (const { delayMs, isFixed, waitMs, removesOlder } of steps) {
          const at = clock.now() + delayMs;
          const entry = new Entry(() => {
            expect(clock.now()).toBe(at);
            seen.push(at);
          });
          if (isFixed) queue.addTo(queue.lane(delayMs), entry);
          else queue.add(entry, delayMs);
          waiting.push({ entry, at });
          const [oldest] = waiting;
          if (removesOlder && oldest !== undefined && oldest.at > clock.now()) {
            queue.remove(oldest.entry);
            queue.remove(oldest.entry);
            waiting.shift();
          }
          clock.advance(waitMs);
          for (const one of waiting.filter(({ at: dueAt }) => dueAt <= clock.now())) {
            expected.push(one.at);
            waiting.splice(waiting.indexOf(one), 1);
          }
          expect(clock.pendingTimers).toBeLessThanOrEqual(1);
        }
        clock.advance(100);
        expected.push(...waiting.map(({ at }) => at));
        const inOrder = (times: number[]) => times.toSorted((one, other) => one - other);
        expect(inOrder(seen)).toEqual(inOrder(expected));
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('does not call one that an earlier one of the same moment removed', () => {
    const { clock, queue } = setup();
    const second = new Entry(vi.fn());
    queue.add(new Entry(() => queue.remove(second)), 10);
    queue.add(second, 10);
    clock.advance(10);
    expect(second.expired).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets an entry be added again as it expires', () => {
    const { clock, queue } = setup();
    const seen: number[] = [];
    const entry: Entry = new Entry(() => {
      seen.push(clock.now());
      if (seen.length < 3) queue.addTo(queue.lane(10), entry);
    });
    queue.addTo(queue.lane(10), entry);
    clock.advance(100);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('goes on though an entry throws', () => {
    const { clock, queue } = setup();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const next = vi.fn();
    queue.add(
      new Entry(() => {
        throw new Error('broken');
      }),
      10,
    );
    queue.add(new Entry(next), 10);
    clock.advance(10);
    expect(next).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

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
    queue.addTo(busy, new Entry(late));
    for (let delayMs = 100; delayMs < 400; delayMs += 1) queue.lane(delayMs);
    // Whatever found no use was let go of; what is in use was not.
    expect(queue.lane(5)).not.toBe(held);
    expect(queue.lane(6)).toBe(busy);
    const called = vi.fn();
    queue.addTo(held, new Entry(called));
    queue.addTo(queue.lane(5), new Entry(called));
    clock.advance(6);
    expect(called).toHaveBeenCalledTimes(2);
    expect(late).toHaveBeenCalledTimes(1);
  });

  it('of which each is used once do not slow down those that follow', () => {
    const { clock, queue } = setup();
    const called = vi.fn();
    const first = queue.lane(1000);
    for (let n = 0; n < 5000; n += 1) {
      const entry = new Entry(called);
      queue.addTo(queue.lane(1000 + n), entry);
      queue.remove(entry);
    }
    expect(first.isListed).toBe(false);
    queue.addTo(first, new Entry(called));
    clock.advance(1000);
    expect(called).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
