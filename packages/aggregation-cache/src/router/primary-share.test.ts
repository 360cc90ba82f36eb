import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { PrimaryShare, placesOf } from './primary-share.js';

const open = (places: number) => {
  const clock = new ManualClock();
  const state = { isLastAlive: false };
  const share = new PrimaryShare({ places, isLastAlive: () => state.isLastAlive, clock });
  const entered: number[] = [];
  const enter = (id: number, waitMs = 100) => {
    const entering = share.enter(waitMs);
    void entering.then((isIn) => isIn && entered.push(id));
    return entering;
  };
  return { clock, state, share, entered, enter };
};

describe('the share of the primary', () => {
  it.each([
    [0, 100, 0],
    [0.01, 100, 1],
    [0.5, 100, 50],
    [0.5, 5, 3],
    [1, 7, 7],
    // No limit of the pool.
    [0.5, 0, 50],
  ])('is %d of %d connections: %d', (share, maxPoolSize, expected) => {
    expect(placesOf(share, maxPoolSize)).toBe(expected);
  });

  it('lets so many in at a time, the others in the order in which they came', async () => {
    const { clock, share, entered, enter } = open(2);
    for (const id of [1, 2, 3, 4]) void enter(id);
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 2]);
    share.leave();
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 2, 3]);
    void enter(5);
    share.leave();
    share.leave();
    share.leave();
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 2, 3, 4, 5]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets nobody overtake those who wait', async () => {
    const { clock, state, entered, enter } = open(0);
    void enter(1);
    void enter(2);
    state.isLastAlive = true;
    void enter(3);
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 2, 3]);
  });

  it('gives up on those who waited for their time, and takes their place from nobody', async () => {
    const { clock, share, entered, enter } = open(1);
    void enter(1);
    const late = enter(2, 100);
    void enter(3, 500);
    await clock.advanceAsync(100);
    expect(await late).toBe(false);
    share.leave();
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 3]);
  });

  it('is no limit once the primary is the last member alive', async () => {
    const { clock, state, share, entered, enter } = open(0);
    for (const id of [1, 2, 3]) void enter(id);
    await clock.advanceAsync(0);
    expect(entered).toEqual([]);
    state.isLastAlive = true;
    share.check();
    await clock.advanceAsync(0);
    expect(entered).toEqual([1, 2, 3]);
    expect(await enter(4)).toBe(true);
    // And is one again when another member is back, for those who come later.
    state.isLastAlive = false;
    const later = enter(5, 50);
    await clock.advanceAsync(50);
    expect(await later).toBe(false);
  });
});
