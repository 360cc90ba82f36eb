import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BSON, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { rowDecoder, rowTypesOf } from '../rows/decode-rows.js';
import { GenerationTable } from '../validity/generation-table.js';
import { memoryKey } from './memory-key.js';
import { ENTRY_BYTES, type Keeping, MemoryTier } from './memory-tier.js';

const open = (maxBytes: number) => {
  const table = new GenerationTable();
  let decoded = 0;
  const decode = rowDecoder(rowTypesOf({}));
  const tier = new MemoryTier({
    maxBytes,
    table,
    decode: (raw) => {
      decoded += 1;
      return decode(raw);
    },
  });
  const keeping = (row: object, more: Partial<Keeping> = {}): Keeping => ({
    loadedAt: 1,
    freshUntil: 2,
    expiresAt: 3,
    verifiedAt: 4,
    costMs: 5.25,
    asOf: new Timestamp({ t: 6, i: 7 }),
    member: { address: 'host:1', tags: { replica: 'replica1' } },
    ticket: table.ticket(['c:db.a']),
    raw: [BSON.serialize(row)],
    ...more,
  });
  return { tier, table, keeping, decoded: () => decoded };
};

const large = (bytes: number) => ({ text: 'x'.repeat(bytes) });

describe('what memory keeps', () => {
  it('is as it was given, decoded when it is first looked at and then shared', () => {
    const { tier, keeping, decoded } = open(100_000);
    const key = memoryKey('a');
    tier.set(
      key,
      keeping({ a: 1 }, { raw: [{ a: 1 }, { b: [2] }].map((row) => BSON.serialize(row)) }),
    );
    const found = tier.find(key);
    expect(found).toMatchObject({ loadedAt: 1, freshUntil: 2, expiresAt: 3, verifiedAt: 4 });
    expect(found).toMatchObject({ costMs: 5.25, member: { address: 'host:1' } });
    expect(found?.asOf).toEqual(new Timestamp({ t: 6, i: 7 }));
    expect(decoded()).toBe(0);
    expect(found?.rows).toEqual([{ a: 1 }, { b: [2] }]);
    expect(tier.find(key)?.rows).toBe(found?.rows);
    expect(decoded()).toBe(1);
    expect(() => Object.assign(found?.rows[0] as object, { a: 2 })).toThrow(TypeError);
  });

  it('is a copy: the reply it was a part of is not held', () => {
    const { tier, keeping } = open(100_000);
    const reply = Buffer.concat([BSON.serialize({ a: 1 }), Buffer.alloc(50)]);
    const raw = [reply.subarray(0, reply.length - 50)];
    tier.set(memoryKey('a'), keeping({}, { raw }));
    reply.fill(0);
    expect(tier.find(memoryKey('a'))?.rows).toEqual([{ a: 1 }]);
  });

  it('can be of any size, and of none', () => {
    const { tier, keeping } = open(1_000_000);
    for (const bytes of [0, 10, 16_000, 17_000, 100_000]) {
      tier.set(memoryKey('a'), keeping(large(bytes)));
      expect(tier.find(memoryKey('a'))?.rows).toEqual([large(bytes)]);
    }
    tier.set(memoryKey('a'), keeping({}, { raw: [] }));
    expect(tier.find(memoryKey('a'))?.rows).toEqual([]);
  });

  it('is decoded alone where a schema has a say', () => {
    const { tier, keeping } = open(10_000);
    const rows = Object.freeze([Object.freeze({ made: 'by the schema' })]);
    tier.set(memoryKey('a'), keeping({}, { raw: undefined, rows }));
    expect(tier.find(memoryKey('a'))?.rows).toBe(rows);
    for (let at = 0; at < 50; at += 1) tier.set(memoryKey(`b${at}`), keeping({ at }));
    const found = tier.find(memoryKey('a'));
    expect(found === undefined || found.rows === rows).toBe(true);
  });

  it('is gone as soon as something moved that it depends on', () => {
    const { tier, table, keeping } = open(100_000);
    tier.set(memoryKey('a'), keeping({ a: 1 }, { ticket: table.ticket(['c:db.a', 'd:db.a:1']) }));
    tier.set(memoryKey('b'), keeping({ b: 1 }));
    table.move(['d:db.a:1'], undefined);
    expect(tier.find(memoryKey('a'))).toBeUndefined();
    expect(tier.stats().entries).toBe(1);
    expect(tier.find(memoryKey('b'))?.isCurrent()).toBe(true);
    tier.delete(memoryKey('b'));
    expect(tier.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('is refused if it alone is over the bound; then nothing is under its key', () => {
    const { tier, keeping } = open(2_000);
    expect(tier.set(memoryKey('a'), keeping({ a: 1 })).fits).toBe(true);
    const { entry, fits } = tier.set(memoryKey('a'), keeping(large(3_000)));
    expect(fits).toBe(false);
    expect(entry.rows).toEqual([large(3_000)]);
    expect(tier.find(memoryKey('a'))).toBeUndefined();
    expect(tier.stats().bytes).toBe(0);
  });

  it('is deleted only while it is the one that was meant', () => {
    const { tier, keeping } = open(10_000);
    const old = tier.set(memoryKey('a'), keeping({ a: 1 })).entry;
    const { entry } = tier.set(memoryKey('a'), keeping({ a: 2 }, { loadedAt: 2 }));
    tier.delete(memoryKey('a'), old);
    expect(tier.find(memoryKey('a'))?.rows).toEqual([{ a: 2 }]);
    tier.delete(memoryKey('a'), entry);
    expect(tier.find(memoryKey('a'))).toBeUndefined();
  });
});

describe('when memory is short', () => {
  it('what is decoded and was not read lately goes first, then whole entries', () => {
    const { tier, keeping, decoded } = open(40 * 1_000);
    for (let at = 0; at < 10; at += 1) {
      tier.set(memoryKey(`${at}`), keeping(large(1_000)));
      expect(tier.find(memoryKey(`${at}`))?.rows).toHaveLength(1);
    }
    expect(decoded()).toBe(10);
    // A look that comes after the next round finds bytes, which it decodes again.
    for (let at = 10; at < 28; at += 1) tier.set(memoryKey(`${at}`), keeping(large(1_000)));
    // One may have gone while all objects still counted as read.
    expect(tier.stats().evictions).toBeLessThanOrEqual(1);
    const before = decoded();
    for (let at = 0; at < 10; at += 1) void tier.find(memoryKey(`${at}`))?.rows;
    expect(decoded()).toBeGreaterThan(before);
    for (let at = 28; at < 60; at += 1) tier.set(memoryKey(`${at}`), keeping(large(1_000)));
    expect(tier.stats().evictions).toBeGreaterThan(0);
  });

  it('what was verified is not forgotten with the object', () => {
    const { tier, keeping } = open(20_000);
    tier.set(memoryKey('a'), keeping({ a: 1 }));
    const found = tier.find(memoryKey('a'));
    if (found !== undefined) found.verifiedAt = 99;
    for (let at = 0; at < 80; at += 1) tier.set(memoryKey(`${at}`), keeping(large(200)));
    const again = tier.find(memoryKey('a'));
    expect(again).not.toBe(found);
    expect(again?.verifiedAt).toBe(99);
  });
});

describe('the memory tier', () => {
  it('is a map that forgets, never over its bound, never with what is void', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('find' as const), name }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('set' as const), name, bytes: fc.nat(3_000) }),
      },
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({ kind: fc.constant('move' as const), name }),
      fc.record({ kind: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 500, max: 20_000 }),
        (steps, maxBytes) => {
          const { tier, table, keeping } = open(maxBytes);
          const model = new Map<string, number>();
          for (const [at, one] of steps.entries()) {
            if (one.kind === 'set') {
              const ticket = table.ticket(['*', `d:db.a:${one.name}`]);
              const row = { at, ...large(one.bytes) };
              tier.set(memoryKey(one.name), keeping(row, { ticket, loadedAt: at }));
              model.set(one.name, at);
            } else if (one.kind === 'find') {
              const found = tier.find(memoryKey(one.name));
              const at = model.get(one.name);
              const [row] = (found?.rows ?? [{ at }]) as readonly { readonly at: unknown }[];
              assert.deepEqual([row?.at, found?.loadedAt ?? at], [at, at]);
              assert.ok(found === undefined || Object.isFrozen(found.rows));
            } else if (one.kind === 'delete') {
              tier.delete(memoryKey(one.name));
              model.delete(one.name);
            } else if (one.kind === 'move') {
              table.move([`d:db.a:${one.name}`], undefined);
              model.delete(one.name);
            } else {
              tier.clear();
              model.clear();
            }
            for (const key of 'abcdefghij') {
              expect(model.has(key) || tier.find(memoryKey(key)) === undefined).toBe(true);
            }
            const { bytes, entries } = tier.stats();
            expect(bytes).toBeLessThanOrEqual(maxBytes);
            expect(bytes).toBeGreaterThanOrEqual(entries * ENTRY_BYTES);
            expect(entries).toBeLessThanOrEqual(model.size);
          }
          tier.clear();
          expect(tier.stats()).toMatchObject({ entries: 0, bytes: 0 });
          expect(table.bytes).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
