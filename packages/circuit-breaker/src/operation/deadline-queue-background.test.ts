import { describe, expect, it, vi } from 'vitest';
import { NotedEntry } from '../../test/support/deadlines.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CoarseTime } from './coarse-time.js';
import { DeadlineQueue } from './deadline-queue.js';

const setup = (slackMs?: number, of: 'of' | 'inBackground' = 'of') => {
  const clock = Object.assign(new ManualClock(), { slackMs });
  const setTimer = vi.spyOn(clock, 'setTimer');
  const queue = DeadlineQueue[of](clock);
  const entry = () => new NotedEntry('', () => {});
  const inBackground = () => Object.assign(entry(), { isBackground: true });
  /** For each timer that was set: whether it lets the process end. */
  const timers = () => {
    const calls: readonly (readonly unknown[])[] = setTimer.mock.calls;
    return calls.map(([, , options]) => (options as { readonly background: boolean }).background);
  };
  return { clock, queue, entry, inBackground, timers };
};

describe('a process need stay alive', () => {
  it('for whatever waits beside the ticks of a coarse time, and for as long, but not for those', () => {
    const { clock, queue, entry, timers } = setup(50);
    const time = CoarseTime.of(clock);
    time.read();
    expect(timers()).toEqual([true]);
    const front = entry();
    queue.add(front, 1000);
    expect(timers()).toEqual([true, false]);
    clock.advance(50);
    expect(timers()).toEqual([true, false, false]);
    queue.remove(front);
    for (let reading = 0; reading < 2; reading += 1) time.read();
    clock.advance(50);
    expect(timers()).toEqual([true, false, false, true]);
    // Once more, for what has left is not counted twice.
    queue.add(entry(), 1000);
    expect(timers()).toEqual([true, false, false, true, false]);
  });

  it('no more once all has expired for which it must', () => {
    const { clock, queue, entry, inBackground, timers } = setup();
    queue.add(entry(), 10);
    queue.add(inBackground(), 20);
    clock.advance(10);
    expect(timers()).toEqual([false, true]);
  });

  it('not for more of what needs no process, which sets no timer anew', () => {
    const { queue, inBackground, timers } = setup();
    queue.add(inBackground(), 10);
    queue.add(inBackground(), 20);
    expect(timers()).toEqual([true]);
  });

  it('never for a queue in the background, which sets no timer anew either', () => {
    const { queue, entry, timers } = setup(undefined, 'inBackground');
    queue.add(entry(), 10);
    queue.add(entry(), 20);
    expect(timers()).toEqual([true]);
  });
});
