import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { NotedEntry } from '../../test/support/deadlines.js';
import { ManualClock } from '../testing/manual-clock.js';
import { DeadlineQueue } from './deadline-queue.js';

const setup = (slackMs?: number, background = false, timerSource?: () => unknown) => {
  const clock = Object.assign(new ManualClock(), { slackMs, ...(timerSource && { timerSource }) });
  const queue = background ? DeadlineQueue.inBackground(clock) : DeadlineQueue.of(clock);
  const expired: [name: string, at: number][] = [];
  const note = (name: string) => expired.push([name, clock.now()]);
  const entry = (name = '') => new NotedEntry(name, note);
  return { clock, queue, expired, entry };
};

describe('a queue of deadlines', () => {
  it('calls each entry once, at its time, in the order of the deadlines', () => {
    const { clock, queue, expired, entry } = setup();
    queue.add(entry('late'), 300);
    queue.addTo(queue.lane(100), entry('first'));
    clock.advance(50);
    queue.addTo(queue.lane(100), entry('second'));
    queue.add(entry('odd'), 70);
    clock.advance(1000);
    expect(expired).toEqual([
      ['first', 100],
      ['odd', 120],
      ['second', 150],
      ['late', 300],
    ]);
  });

  it('holds one timer while something waits, and none while nothing does', () => {
    const { clock, queue, entry } = setup();
    const entries = [entry(), entry(), entry()];
    for (const each of entries) queue.addTo(queue.lane(100), each);
    queue.add(entry(), 50);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(50);
    expect(clock.pendingTimers).toBe(1);
    for (const each of entries) queue.remove(each);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never calls an entry that was removed, wherever it stood', () => {
    const { clock, queue, expired, entry } = setup();
    const lane = queue.lane(100);
    const [first, middle, last, odd] = [entry('1'), entry('2'), entry('3'), entry('4')];
    for (const each of [first, middle, last]) queue.addTo(lane, each);
    queue.add(odd, 100);
    for (const each of [middle, first, odd]) queue.remove(each);
    clock.advance(100);
    expect(expired).toEqual([['3', 100]]);
    expect(lane.first).toBeUndefined();
  });

  it('is told to remove what does not wait, and does nothing', () => {
    const { clock, queue, expired, entry } = setup();
    const [never, twice, over] = [entry('never'), entry('twice'), entry('over')];
    queue.remove(never);
    queue.add(twice, 10);
    queue.remove(twice);
    queue.remove(twice);
    queue.add(over, 10);
    clock.advance(10);
    queue.remove(over);
    queue.add(entry('other'), 10);
    clock.advance(10);
    expect(expired).toEqual([
      ['over', 10],
      ['other', 20],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets an entry that expires remove or add others, also those of the same moment', () => {
    const { clock, queue, expired, entry } = setup();
    const doomed = entry('doomed');
    const again = entry('again');
    const busy = new NotedEntry('busy', () => {
      queue.remove(doomed);
      queue.add(again, 0);
      queue.addTo(queue.lane(30), entry('new'));
    });
    queue.add(busy, 10);
    queue.add(doomed, 10);
    clock.advance(100);
    expect(expired).toEqual([
      ['again', 10],
      ['new', 40],
    ]);
  });

  it('lets an entry be added again as it expires', () => {
    const { clock, queue } = setup();
    const setTimer = vi.spyOn(clock, 'setTimer');
    const seen: number[] = [];
    const entry: NotedEntry = new NotedEntry('again', () => {
      seen.push(clock.now());
      if (seen.length < 3) queue.addTo(queue.lane(10), entry);
    });
    queue.addTo(queue.lane(10), entry);
    clock.advance(100);
    expect(seen).toEqual([10, 20, 30]);
    expect(setTimer).toHaveBeenCalledTimes(3);
  });

  it('may be given an entry again that is due in the same moment: it waits anew', () => {
    const { clock, queue, expired, entry } = setup();
    const moved = entry('moved');
    queue.add(
      new NotedEntry('mover', () => {
        queue.remove(moved);
        queue.add(moved, 50);
      }),
      10,
    );
    queue.add(moved, 10);
    clock.advance(100);
    expect(expired).toEqual([['moved', 60]]);
  });

  it('reports an entry that throws, and calls the others', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const { clock, queue, expired, entry } = setup();
      queue.add(
        new NotedEntry('broken', () => {
          throw new Error('broken');
        }),
        10,
      );
      queue.add(entry('fine'), 10);
      queue.add(entry('later'), 20);
      clock.advance(20);
      expect(expired.map(([name]) => name)).toEqual(['fine', 'later']);
      expect(warned.mock.calls.map(([line]) => line)).toEqual([
        "The callback 'deadline' failed and was skipped. Error: broken",
      ]);
    } finally {
      warned.mockRestore();
    }
  });

  it('is one for each clock, and one more in the background', () => {
    const { clock, queue } = setup();
    expect(DeadlineQueue.of(clock)).toBe(queue);
    expect(DeadlineQueue.of(new ManualClock())).not.toBe(queue);
    expect(DeadlineQueue.inBackground(clock)).not.toBe(queue);
    expect(DeadlineQueue.inBackground(clock)).toBe(DeadlineQueue.inBackground(clock));
  });

  it.each([
    [false, { background: false }],
    [true, { background: true }],
  ])(
    'tells the clock whether a process need stay alive for it: background %s',
    (background, options) => {
      const { clock, queue, entry } = setup(undefined, background);
      const setTimer = vi.spyOn(clock, 'setTimer');
      queue.add(entry(), 5);
      expect(setTimer).toHaveBeenCalledWith(expect.any(Function), 5, options);
    },
  );

  it.each([undefined, 7, 50])(
    'expires like a list that is searched, with a slack of %s',
    (slackMs) => {
      const anyStep = fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(5, 30, 30, 100).map((lane) => ({ lane })) },
        fc.nat(200).map((odd) => ({ odd })),
        fc.nat(50).map((remove) => ({ remove })),
        { weight: 3, arbitrary: fc.nat(60).map((advance) => ({ advance })) },
      );
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
          const { clock, queue, expired, entry } = setup(slackMs);
          const waiting: { added: NotedEntry; at: number }[] = [];
          const due: [string, number][] = [];
          for (const [index, step] of steps.entries()) {
            const added = entry(`${index}`);
            if ('lane' in step) {
              waiting.push({ added, at: clock.now() + step.lane });
              queue.addTo(queue.lane(step.lane), added);
            } else if ('odd' in step) {
              waiting.push({ added, at: clock.now() + step.odd });
              queue.add(added, step.odd);
            } else if ('remove' in step) {
              const [removed] = waiting.splice(step.remove % Math.max(1, waiting.length), 1);
              if (removed !== undefined) queue.remove(removed.added);
            } else {
              clock.advance(step.advance);
              const over = waiting.filter(({ at }) => at <= clock.now());
              due.push(...over.map(({ added: each, at }): [string, number] => [each.name, at]));
              for (const each of over) waiting.splice(waiting.indexOf(each), 1);
            }
          }
          const byName = (list: [string, number][]) =>
            list.toSorted(([one], [other]) => Number(one) - Number(other));
          expect(byName(expired)).toEqual(byName(due));
          const times = expired.map(([, at]) => at);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('on a clock with slack', () => {
  it('the timer stays set for that long when nothing waits any more, and is the last', () => {
    const { clock, queue, entry } = setup(50);
    const setTimer = vi.spyOn(clock, 'setTimer');
    const lane = queue.lane(1000);
    for (let call = 0; call < 100; call += 1) {
      const each = entry();
      queue.addTo(lane, each);
      queue.remove(each);
    }
    expect(setTimer).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('an entry is called at its time all the same', () => {
    const { clock, queue, expired, entry } = setup(50);
    queue.add(entry('exact'), 133);
    queue.add(entry('short'), 3);
    clock.advance(500);
    expect(expired).toEqual([
      ['short', 3],
      ['exact', 133],
    ]);
  });

  it('a long delay may begin with the next tick', () => {
    const { clock, queue, expired, entry } = setup(50);
    const lane = queue.lane(1000);
    // No tick is to come yet.
    queue.addRoughlyTo(lane, entry('exact'));
    clock.advance(20);
    queue.addRoughlyTo(lane, entry('rough'));
    queue.addRoughlyTo(lane, entry('rough too'));
    clock.advance(40);
    queue.addRoughlyTo(lane, entry('later'));
    clock.advance(2000);
    expect(expired).toEqual([
      ['exact', 1000],
      ['rough', 1050],
      ['rough too', 1050],
      ['later', 1100],
    ]);
    clock.advance(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a delay that is not long against it begins at once', () => {
    const { clock, queue, expired, entry } = setup(50);
    queue.addRoughlyTo(queue.lane(999), entry('first'));
    clock.advance(20);
    queue.addRoughlyTo(queue.lane(999), entry('second'));
    clock.advance(2000);
    expect(expired).toEqual([
      ['first', 999],
      ['second', 1019],
    ]);
  });

  it('who waits for a tick may be removed, wherever it stood', () => {
    const { clock, queue, expired, entry } = setup(50);
    const lane = queue.lane(1000);
    queue.add(entry('odd'), 10_000);
    const entries = ['1', '2', '3', '4'].map(entry);
    for (const each of entries) queue.addRoughlyTo(lane, each);
    const [first, , third] = entries as [NotedEntry, NotedEntry, NotedEntry, NotedEntry];
    for (const each of [first, third]) queue.remove(each);
    clock.advance(30);
    queue.remove(first);
    queue.addRoughlyTo(lane, first);
    clock.advance(1970);
    expect(expired).toEqual([
      ['2', 1050],
      ['4', 1050],
      ['1', 1050],
    ]);
  });

  it('a delay begins at once when the ticks are taken away', () => {
    let source = 'real';
    const { clock, queue, expired, entry } = setup(50, false, () => source);
    const lane = queue.lane(1000);
    queue.addRoughlyTo(lane, entry('first'));
    clock.advance(10);
    queue.addRoughlyTo(lane, entry('second'));
    source = 'fake';
    Object.assign(clock, { slackMs: 0 });
    clock.advance(10);
    queue.addRoughlyTo(lane, entry('third'));
    clock.advance(2000);
    expect(expired).toEqual([
      ['first', 1000],
      ['second', 1020],
      ['third', 1020],
    ]);
  });

  it('the queue in the background has none', () => {
    const { clock, queue, entry } = setup(50, true);
    const setTimer = vi.spyOn(clock, 'setTimer');
    const each = entry();
    queue.add(each, 60_000);
    clock.advance(1000);
    queue.remove(each);
    expect(setTimer).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, '50', null])(
    'of %s, which is none, the timer goes with the last that waits',
    (slackMs) => {
      const { clock, queue, expired, entry } = setup(slackMs as never);
      const setTimer = vi.spyOn(clock, 'setTimer');
      queue.add(entry('kept'), 100);
      const removed = entry('removed');
      queue.add(removed, 200);
      clock.advance(100);
      queue.remove(removed);
      expect(expired).toEqual([['kept', 100]]);
      expect(clock.pendingTimers).toBe(0);
      expect(setTimer).toHaveBeenCalledTimes(2);
    },
  );
});
