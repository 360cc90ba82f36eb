import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { PendingInvalidations } from './pending-invalidations.js';

const change = (dependency: string) => ({ dependency, after: undefined });

describe('pending invalidations', () => {
  it('ask nobody as long as there are none', async () => {
    const pending = new PendingInvalidations(() => Promise.reject(new Error('asked')));
    expect(await pending.flush()).toBe(true);
    expect([pending.size, pending.blocks(['shop.a'])]).toEqual([0, false]);
  });

  it('are gone when they are confirmed, and stay when they are not', async () => {
    let confirms = false;
    const pending = new PendingInvalidations(async () => confirms);
    pending.add([change('shop.a')]);
    expect(await pending.flush()).toBe(false);
    expect(pending.blocks(['shop.b', 'shop.a'])).toBe(true);
    expect(pending.blocks(['shop.b'])).toBe(false);
    confirms = true;
    expect(await pending.flush()).toBe(true);
    expect([pending.size, pending.blocks(['shop.a'])]).toEqual([0, false]);
  });

  it('of a collection that was invalidated again meanwhile are not confirmed by the earlier answer', async () => {
    let confirm: (done: boolean) => void = () => {};
    const published: unknown[] = [];
    const pending = new PendingInvalidations((changes) => {
      published.push(changes);
      return new Promise((resolve) => {
        confirm = resolve;
      });
    });
    pending.add([change('shop.a'), change('shop.b')]);
    const first = pending.flush();
    const again = change('shop.a');
    pending.add([again]);
    confirm(true);
    await first;
    expect([pending.size, pending.blocks(['shop.a']), pending.blocks(['shop.b'])]).toEqual([
      1,
      true,
      false,
    ]);
    const second = pending.flush();
    confirm(true);
    await second;
    expect(published.at(-1)).toEqual([again]);
    expect(pending.size).toBe(0);
  });

  it('of a collection that is invalidated again keep the later of the times', async () => {
    const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 0 }) });
    const published: unknown[] = [];
    const pending = new PendingInvalidations(async (changes) => {
      published.push(...changes);
      return true;
    });
    pending.add([{ dependency: 'a', after: at(7) }]);
    pending.add([{ dependency: 'a', after: at(5) }]);
    pending.add([{ dependency: 'a', after: undefined }]);
    await pending.flush();
    expect(published).toEqual([{ dependency: 'a', after: at(7) }]);
  });
});
