import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { WaitingRoom } from './waiting-room.js';

it('a waiting room lets in whoever came first, also after it was found empty', () => {
  const room = new WaitingRoom<string>(new ManualClock(), () => {});
  const waiter = () => ({ admit: () => {}, refuse: () => {} });
  expect(room.shift()).toBeUndefined();
  const [first, second] = [waiter(), waiter()];
  room.enter(first, 100);
  room.enter(second, 100);
  expect([room.shift(), room.shift(), room.shift()]).toEqual([first, second, undefined]);
  const third = waiter();
  room.enter(third, 100);
  expect(room.shift()).toBe(third);
  expect(room.size).toBe(0);
});
