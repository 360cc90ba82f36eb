import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.js';

const turn = () => new Promise(setImmediate);

const open = (size: number) => {
  const bulkhead = new Bulkhead(size);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const enter = (id: number) =>
    bulkhead.run(() => {
      began.push(id);
      return new Promise<number>((resolve) => ends.push(() => resolve(id)));
    });
  return { bulkhead, began, ends, enter };
};

describe('a bulkhead', () => {
  it('lets so many run at a time, the rest in their order', async () => {
    const { bulkhead, began, ends, enter } = open(2);
    const works = [enter(1)];
    expect(bulkhead.isFull).toBe(false);
    works.push(enter(2), enter(3), enter(4));
    await turn();
    expect([began, bulkhead.isFull]).toEqual([[1, 2], true]);
    ends[1]?.();
    await turn();
    expect([began, bulkhead.isFull]).toEqual([[1, 2, 3], true]);
    ends[0]?.();
    await turn();
    expect(began).toEqual([1, 2, 3, 4]);
    ends[2]?.();
    await turn();
    expect(bulkhead.isFull).toBe(false);
    ends[3]?.();
    expect(await Promise.all(works)).toEqual([1, 2, 3, 4]);
  });

  it('has its places back afterwards, and no more than those', async () => {
    const { bulkhead, began, ends, enter } = open(1);
    void enter(1);
    ends[0]?.();
    await turn();
    expect(bulkhead.isFull).toBe(false);
    void enter(2);
    void enter(3);
    await turn();
    expect(began).toEqual([1, 2]);
  });

  it('gets the place back from work that failed', async () => {
    const bulkhead = new Bulkhead(1);
    const failed = bulkhead.run(() => Promise.reject(new Error('no')));
    const next = bulkhead.run(async () => 'next');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(bulkhead.isFull).toBe(false);
  });
});
