import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTRY_OVERHEAD_BYTES, MemoryTier } from './memory-tier.js';

const roomFor = (entries: number, rowBytes: number) =>
  new MemoryTier<string>({ maxBytes: entries * (rowBytes + ENTRY_OVERHEAD_BYTES) });

describe('the memory tier', () => {
  it('drops what was unused for longest', () => {
    const tier = roomFor(2, 100);
    tier.set('a', 'A', 100);
    tier.set('b', 'B', 100);
    tier.get('a');
    tier.set('c', 'C', 100);
    expect([tier.get('a'), tier.get('b'), tier.get('c')]).toEqual(['A', undefined, 'C']);
    expect(tier.stats().evictions).toBe(1);
  });

  it('refuses what is larger than the whole, and then has nothing under its key', () => {
    const tier = roomFor(2, 100);
    tier.set('a', 'A', 100);
    expect(tier.set('a', 'A+', 10_000)).toBe(false);
    expect(tier.get('a')).toBeUndefined();
    expect(tier.stats().bytes).toBe(0);
  });

  it('deletes an entry only while it is the one that was meant', () => {
    const tier = roomFor(2, 100);
    tier.set('a', 'old', 100);
    tier.set('a', 'new', 100);
    tier.delete('a', 'old');
    expect(tier.get('a')).toBe('new');
    tier.delete('a', 'new');
    expect(tier.get('a')).toBeUndefined();
  });

  it('behaves like a plain list of the last used, under any load', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('get' as const), key }),
      fc.record({ kind: fc.constant('delete' as const), key }),
      fc.record({ kind: fc.constant('set' as const), key, bytes: fc.nat(3_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const maxBytes = 4_000;
        const tier = new MemoryTier<number>({ maxBytes });
        const found: unknown[] = [];
        const wanted: unknown[] = [];
        // Newest last.
        let model: { key: string; value: number; bytes: number }[] = [];
        for (const [value, one] of steps.entries()) {
          const known = model.find((entry) => entry.key === one.key);
          const others = model.filter((entry) => entry.key !== one.key);
          if (one.kind === 'get') {
            found.push(tier.get(one.key));
            wanted.push(known?.value);
            if (known) model = [...others, known];
          } else if (one.kind === 'delete') {
            tier.delete(one.key);
            model = others;
          } else {
            const bytes = one.bytes + ENTRY_OVERHEAD_BYTES;
            tier.set(one.key, value, one.bytes);
            model = [...others, { key: one.key, value, bytes }];
            const total = () => model.reduce((sum, entry) => sum + entry.bytes, 0);
            while (total() > maxBytes) model.shift();
          }
          const { entries, bytes } = tier.stats();
          expect(entries).toBe(model.length);
          expect(bytes).toBe(model.reduce((sum, entry) => sum + entry.bytes, 0));
        }
        expect(found).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});
