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

  it('is empty at first, and after the last was taken out', () => {
    const heap = new BinaryHeap<Item>();
    expect(heap.first).toBeUndefined();
    const item = { id: 1, deadline: 5, place: 0 };
    heap.add(item);
    heap.remove(item);
    expect(heap.first).toBeUndefined();
  });
});
