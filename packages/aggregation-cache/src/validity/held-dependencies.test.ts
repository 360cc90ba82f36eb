import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { GenerationTable, isCurrentSince } from './generation-table.js';

const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 0 }) });

/** So many that nothing depends on are remembered. */
const REMEMBERED = 4_096;
const flood = (table: GenerationTable, count = REMEMBERED) => {
  for (let id = 0; id < count; id += 1) table.ticket([`d:db.flood:${id}`]);
};
const holds = (table: GenerationTable, dependencies: readonly string[]) =>
  table.hold(table.ticket(dependencies));

describe('what entries depend on', () => {
  it('is held once for all that depend on the same, until the last of them is gone', () => {
    const table = new GenerationTable();
    const set = holds(table, ['t:a', 't:b']);
    const { bytes } = table;
    expect(holds(table, ['t:a', 't:b'])).toBe(set);
    expect(table.bytes).toBe(bytes);
    table.release(set);
    expect(table.bytes).toBe(bytes);
    table.release(set);
    expect(table.bytes).toBe(0);
    expect(holds(table, ['t:a', 't:b'])).not.toBe(set);
  });

  it('is held by each for itself where it is about a document, which few others are about', () => {
    const table = new GenerationTable();
    const [one, other] = [holds(table, ['c:a', 'd:a:1']), holds(table, ['c:a', 'd:a:1'])];
    expect(other).not.toBe(one);
    expect(table.bytes).toBe(2 * (96 + 8 * 2) + 160 + 'd:a:1'.length);
    table.release(one);
    table.move(['d:a:1'], undefined);
    expect(isCurrentSince(other, 0)).toBe(false);
    table.release(other);
    expect(table.bytes).toBe(0);
  });

  it('is held apart for those that depend on anything else', () => {
    const table = new GenerationTable();
    const sets = [['t:a'], ['t:b'], ['t:a', 't:b'], ['t:at:b']].map((of) => holds(table, of));
    expect(new Set(sets).size).toBe(4);
  });

  it('takes a place for each set, and one for each dependency, however many sets it is in', () => {
    const table = new GenerationTable();
    const setBytes = (text: string, slots: number) => 176 + 8 * slots + text.length;
    const slotBytes = (text: string) => 160 + text.length;
    const one = holds(table, ['t:a']);
    const ofOne = setBytes('t:a', 1) + slotBytes('t:a');
    expect(table.bytes).toBe(ofOne);
    const both = holds(table, ['t:a', 't:long']);
    expect(table.bytes).toBe(ofOne + setBytes('t:a\nt:long', 2) + slotBytes('t:long'));
    table.release(one);
    expect(table.bytes).toBe(setBytes('t:a\nt:long', 2) + slotBytes('t:long') + slotBytes('t:a'));
    table.release(both);
    expect(table.bytes).toBe(0);
    // A collection is known anyway.
    holds(table, ['c:db.a']);
    expect(table.bytes).toBe(setBytes('c:db.a', 1));
  });

  it('is not forgotten while one of several sets still has it', () => {
    const table = new GenerationTable();
    const [one, both] = [holds(table, ['t:a']), holds(table, ['t:a', 't:b'])];
    table.release(one);
    const { stamp } = table.ticket([]);
    flood(table);
    expect(isCurrentSince(both, stamp)).toBe(true);
    table.move(['t:a'], undefined);
    expect(isCurrentSince(both, stamp)).toBe(false);
  });

  it('is forgotten in the end when no entry has it any more', () => {
    const table = new GenerationTable();
    const ticket = table.ticket(['t:a']);
    table.release(table.hold(ticket));
    expect(ticket.isCurrent()).toBe(true);
    flood(table);
    expect(ticket.isCurrent()).toBe(false);
  });

  it('leaves no more behind than is remembered', () => {
    const table = new GenerationTable();
    const many = Array.from({ length: REMEMBERED }, (_, id) => `d:db.a:${id}`);
    const [one, other] = [holds(table, many), holds(table, ['t:a'])];
    expect(table.wholeTicket().slots).toHaveLength(REMEMBERED + 1);
    table.release(one);
    expect(table.wholeTicket().slots).toHaveLength(REMEMBERED + 1);
    table.release(other);
    expect(table.wholeTicket().slots).toHaveLength(REMEMBERED);
  });
});

describe('of what nothing depends on', () => {
  it('that which was asked for longest ago is forgotten first', () => {
    const table = new GenerationTable();
    const [one, two] = [table.ticket(['t:one']), table.ticket(['t:two'])];
    flood(table, REMEMBERED - 2);
    expect([one.isCurrent(), two.isCurrent()]).toEqual([true, true]);
    table.ticket(['t:one']);
    table.ticket(['t:late']);
    expect([one.isCurrent(), two.isCurrent()]).toEqual([true, false]);
    flood(table);
    expect(one.isCurrent()).toBe(false);
  });

  it('a ticket from before it was forgotten is void, also where it is held anew', () => {
    const table = new GenerationTable();
    const before = table.ticket(['t:a']);
    flood(table);
    const now = table.ticket(['t:a']);
    const set = table.hold(now);
    expect(table.hold(before)).toBe(set);
    expect(isCurrentSince(set, now.stamp)).toBe(true);
    expect(isCurrentSince(set, before.stamp)).toBe(false);
  });

  it('what is forgotten late takes nothing from what is known anew', () => {
    const table = new GenerationTable();
    const before = table.ticket(['t:a']);
    flood(table);
    table.release(table.hold(before));
    const now = table.ticket(['t:a']);
    const set = table.hold(now);
    flood(table);
    expect(isCurrentSince(set, now.stamp)).toBe(true);
    table.move(['t:a'], undefined);
    expect(isCurrentSince(set, now.stamp)).toBe(false);
  });

  it('the time that it left behind is replaced where nobody knows it, and no other', () => {
    const table = new GenerationTable();
    table.move(['t:a'], at(7));
    flood(table);
    expect(table.ticket(['t:b']).after()).toEqual(at(7));
    table.distrust(table.ticket(['c:db.a']), at(6), at(3));
    expect(table.ticket(['t:c']).after()).toEqual(at(7));
    table.distrust(table.ticket(['c:db.a']), at(7), at(3));
    expect(table.ticket(['t:d']).after()).toEqual(at(3));
    expect(table.ticket(['c:db.a']).after()).toBeUndefined();
  });
});

describe('an answer', () => {
  it('about what nobody asked for is left alone', () => {
    const table = new GenerationTable();
    const asked = table.ticket(['c:db.a']);
    expect(table.adoptAnswer(asked, [])).toEqual([]);
    table.adoptAnswer(asked, [
      { dependency: 'c:db.a', id: '1' },
      { dependency: 'c:db.b', id: '1' },
    ]);
    expect(table.wholeTicket().dependencies()).toEqual(['c:db.a']);
  });

  it('may name a time just as far ahead as a clock may be wrong', () => {
    const now = Date.UTC(2026, 0, 1);
    const table = new GenerationTable({ wallTime: () => now });
    const furthest = at(now / 1_000 + 24 * 3_600);
    table.ticket(['c:db.a']);
    table.adoptMessage([{ dependency: 'c:db.a', id: '1', after: furthest }]);
    expect(table.ticket(['c:db.a']).after()).toEqual(furthest);
  });
});
