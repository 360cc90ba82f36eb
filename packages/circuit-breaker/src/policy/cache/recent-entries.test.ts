import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentEntries } from './recent-entries.js';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('touch' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

describe('recent entries', () => {
  it('agree with a naive list, whatever is kept, used and deleted', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (steps, maxEntries) => {
          const entries = new RecentEntries(maxEntries);
          /** Least recently used first. */
          let naive: { readonly key: string; readonly value: number }[] = [];
          const without = (gone: string) => naive.filter((entry) => entry.key !== gone);
          for (const [value, taken] of steps.entries()) {
            if (taken.kind === 'clear') {
              entries.clear();
              naive = [];
            } else if (taken.kind === 'set') {
              entries.set(taken.key, { value, keptAt: 0 });
              naive = [...without(taken.key), { key: taken.key, value }].slice(-maxEntries);
            } else if (taken.kind === 'touch') {
              entries.touch(taken.key);
              const used = naive.find((entry) => entry.key === taken.key);
              naive = used === undefined ? naive : [...without(taken.key), used];
            } else {
              entries.delete(taken.key);
              naive = without(taken.key);
            }
            const seen = ['a', 'b', 'c', 'd', 'e'].map((name) => entries.peek(name)?.value);
            const expected = ['a', 'b', 'c', 'd', 'e'].map(
              (name) => naive.find((entry) => entry.key === name)?.value,
            );
            expect([entries.size, ...seen]).toEqual([naive.length, ...expected]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
