import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { clockByHand, NotedEntry, throws } from '../../test/support/deadlines.js';
import { ManualClock } from '../testing/manual-clock.js';
import { DeadlineQueue } from './deadline-queue.js';

let warned: MockInstance;
beforeEach(() => {
  warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => {
  warned.mockRestore();
});

const setup = (slackMs?: number) => {
  const parts = clockByHand(slackMs);
  const queue = DeadlineQueue.of(parts.clock);
  const expired: string[] = [];
  const entry = (name: string) => new NotedEntry(name, (which) => expired.push(which));
  return { ...parts, queue, expired, entry };
};

describe('a clock whose timers cannot be cancelled', () => {
  it.each([
    ['gives no way to', undefined, 0],
    ['throws', throws, 1],
  ])('because it %s: they come to nothing', (_how, cancel, reports) => {
    const { clock, queue, timers, expired, entry } = setup();
    clock.setTimer.mockImplementation((callback, delayMs) => {
      timers.push({ callback, delayMs, isCancelled: false });
      return cancel as never;
    });
    const removed = entry('removed');
    queue.add(removed, 100);
    queue.remove(removed);
    queue.add(entry('kept'), 200);
    timers[0]?.callback();
    expect(expired).toEqual([]);
    timers[1]?.callback();
    timers[1]?.callback();
    expect(expired).toEqual(['kept']);
    expect(warned.mock.calls.map(([line]) => line)).toEqual(
      Array.from(
        { length: reports },
        () => "The callback 'clock' failed and was skipped. Error: no timers here",
      ),
    );
  });
});

describe('a clock that sets no timer', () => {
  it('throws at whoever wants to wait, who then does not', () => {
    const { clock, queue, entry } = setup();
    clock.setTimer.mockImplementation(throws);
    const [odd, fixed] = [entry('odd'), entry('fixed')];
    expect(() => queue.add(odd, 5)).toThrow('no timers here');
    expect(() => queue.addTo(queue.lane(5), fixed)).toThrow('no timers here');
    expect([odd.lane, fixed.lane, queue.lane(5).first]).toEqual([undefined, undefined, undefined]);
  });

  it('once leaves the timer that was set before to those who wait for it', () => {
    const { clock, queue, pending, expired, entry } = setup();
    queue.add(entry('waits'), 100);
    clock.setTimer.mockImplementationOnce(throws);
    expect(() => queue.add(entry('sooner'), 50)).toThrow('no timers here');
    expect(pending()).toHaveLength(1);
    pending()[0]?.callback();
    expect(expired).toEqual(['waits']);
  });

  it('for the next of those who wait calls them at once: nobody else would', () => {
    const { clock, queue, pending, expired, entry } = setup();
    queue.add(entry('first'), 100);
    queue.add(entry('second'), 200);
    clock.setTimer.mockImplementationOnce(throws);
    pending()[0]?.callback();
    expect(expired).toEqual(['first', 'second']);
    expect(warned.mock.calls.map(([line]) => line)).toEqual([
      "The callback 'clock' failed and was skipped. Error: no timers here",
    ]);
    queue.add(entry('third'), 5000);
    expect(pending().at(-1)?.delayMs).toBe(5000);
  });
});

describe('a clock that loses its timers', () => {
  it('has them set again with the next who comes', () => {
    const { inner, queue, pending, expired, entry } = setup();
    queue.add(entry('first'), 500);
    const lost = pending().length;
    inner.jump(1600);
    queue.add(entry('second'), 100);
    expect(pending()[lost - 1]?.delayMs).toBe(0);
    inner.jump(1);
    pending().at(-1)?.callback();
    expect(expired).toEqual(['first']);
    inner.jump(99);
    pending().at(-1)?.callback();
    expect(expired).toEqual(['first', 'second']);
  });

  it('is believed to have them where nobody can take them away', () => {
    const clock = new ManualClock();
    const queue = DeadlineQueue.of(clock);
    const { entry } = setup();
    const setTimer = vi.spyOn(clock, 'setTimer');
    queue.add(entry('first'), 500);
    vi.spyOn(clock, 'now').mockReturnValue(1600);
    queue.add(entry('second'), 100);
    expect(setTimer).toHaveBeenCalledTimes(1);
  });

  it('is believed to have them as long as they are only late', () => {
    const { inner, queue, timers, entry } = setup();
    queue.add(entry('first'), 500);
    inner.jump(1500);
    queue.add(entry('second'), 100);
    expect(timers).toHaveLength(1);
  });
});

describe('a clock whose timers come at the wrong time', () => {
  it('too late calls all that are over by then', () => {
    const { inner, queue, pending, expired, entry } = setup();
    queue.add(entry('first'), 100);
    queue.add(entry('second'), 200);
    inner.jump(5000);
    pending()[0]?.callback();
    expect(expired).toEqual(['first', 'second']);
  });

  it('too late calls them in the order of their deadlines, wherever they wait', () => {
    const { inner, queue, pending, expired, entry } = setup();
    queue.addTo(queue.lane(300), entry('last'));
    queue.addTo(queue.lane(100), entry('first'));
    queue.add(entry('middle'), 200);
    inner.jump(5000);
    pending().at(-1)?.callback();
    expect(expired).toEqual(['first', 'middle', 'last']);
  });

  it('too early by what the clock says is believed over the clock', () => {
    const { inner, queue, pending, expired, entry } = setup();
    queue.add(entry('first'), 100);
    queue.add(entry('second'), 200);
    inner.jump(99);
    pending()[0]?.callback();
    expect(expired).toEqual(['first']);
    expect(pending().at(-1)?.delayMs).toBe(100);
  });

  it('while the clock stands still are set for what is left, not for all of it again', () => {
    const { queue, pending, expired, entry } = setup();
    queue.add(entry('first'), 100);
    queue.add(entry('second'), 250);
    queue.addTo(queue.lane(300), entry('third'));
    const delays: (number | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      delays.push(pending().at(-1)?.delayMs);
      pending().at(-1)?.callback();
    }
    expect(delays).toEqual([100, 150, 50]);
    expect(expired).toEqual(['first', 'second', 'third']);
    queue.add(entry('fourth'), 40);
    expect(pending().at(-1)?.delayMs).toBe(40);
  });

  it('at once, while they are being set, are called and come to an end', () => {
    const { clock, queue, expired, entry } = setup();
    clock.setTimer.mockImplementation((callback: () => void) => {
      callback();
      return () => {};
    });
    queue.add(entry('odd'), 100);
    queue.addTo(queue.lane(100), entry('fixed'));
    expect(expired).toEqual(['odd', 'fixed']);
  });

  it('of a step back of the clock are waited for no longer than they were set for', () => {
    const clock = new ManualClock();
    const queue = DeadlineQueue.of(clock);
    const expired: string[] = [];
    queue.add(new NotedEntry('x', (name) => expired.push(name)), 100);
    clock.jump(-3_600_000);
    queue.add(new NotedEntry('y', (name) => expired.push(name)), 50);
    clock.advance(50);
    expect(expired).toEqual(['y']);
  });
});

describe('a clock whose timers are exchanged for others', () => {
  it.each([undefined, 50])('has those set anew that wait, with a slack of %s', (slackMs) => {
    const { source, queue, timers, expired, entry } = setup(slackMs);
    queue.add(entry('before'), 40);
    source.now = 'second';
    queue.add(entry('after'), 1000);
    expect(timers).toHaveLength(2);
    expect(timers[0]?.isCancelled).toBe(false);
    expect(timers[1]?.delayMs).toBe(40);
    timers[0]?.callback();
    expect(expired).toEqual([]);
    timers[1]?.callback();
    expect(expired).toEqual(['before']);
  });

  it('sets none of the new ones for nothing', () => {
    const { source, queue, timers, entry } = setup(50);
    const each = entry('x');
    queue.add(each, 40);
    queue.remove(each);
    source.now = 'second';
    expect(timers).toHaveLength(1);
    expect(queue.timerSource).toBe('first');
  });
});
