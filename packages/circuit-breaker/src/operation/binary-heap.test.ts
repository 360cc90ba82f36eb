import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryHeap, type HeapItem } from './binary-heap.js';

interface Item extends HeapItem {
  readonly id: number;
}

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }).map((deadline) => ({ add: deadline })) },
  { weight: 2, arbitrary: fc.nat(50).map((remove) => ({ remove })) },
);

describe('a heap', () => {
  it('has the earliest deadline first, whatever is added and taken out of its middle', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 100 }), (steps) => {
        const heap = new BinaryHeap<Item>();
        const list: Item[] = [];
        for (const [id, step] of steps.entries()) {
          if ('add' in step) {
            const item = { id, deadline: step.add, place: 0 };
            heap.add(item);
            list.push(item);
          } else if (list.length > 0) {
            const [item] = list.splice(step.remove % list.length, 1) as [Item];
            heap.remove(item);
          }
          const earliest = Math.min(...list.map(({ deadline }) => deadline));
          expect(heap.first?.deadline ?? Number.POSITIVE_INFINITY).toBe(earliest);
          expect(list.includes(heap.first as Item)).toBe(list.length > 0);
        }
        // Emptied from the front, it gives them in order.
        const emptied: number[] = [];
        for (let { first } = heap; first !== undefined; first = heap.first) {
          emptied.push(first.deadline);
          heap.remove(first);
        }
        expect(emptied).toEqual(list.map(({ deadline }) => deadline).toSorted((a, b) => a - b));
      }),
    );
  });

  it('lets what takes the place of another rise where it belongs', () => {
    const heap = new BinaryHeap<Item>();
    const deadlines = [0, 10, 1, 11, 12, 2, 2, 13, 14, 15, 16, 3, 3, 3, 3];
    const items = deadlines.map((deadline, id) => ({ id, deadline, place: 0 }));
    for (const item of items) heap.add(item);
    // The last one, a 3, comes to stand below the 10.
    heap.remove(items[3] as Item);
    const emptied: number[] = [];
    for (let { first } = heap; first !== undefined; first = heap.first) {
      emptied.push(first.deadline);
      heap.remove(first);
    }
    expect(emptied).toEqual([0, 1, 2, 2, 3, 3, 3, 3, 10, 12, 13, 14, 15, 16]);
  });

  it('is empty at first, and after the last was taken out', () => {
    const heap = new BinaryHeap<Item>();
    expect(heap.first).toBeUndefined();
    const item = { id: 1, deadline: 5, place: 0 };
    heap.add(item);
    heap.remove(item);
    expect(heap.first).toBeUndefined();
  });
});
