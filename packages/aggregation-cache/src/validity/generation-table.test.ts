import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { GenerationTable } from './generation-table.js';

const generation = (namespace: string, id: string) => ({ namespace, id });
const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 0 }) });

describe('a ticket', () => {
  it('is current until one of its collections moves', () => {
    const table = new GenerationTable();
    const ticket = table.ticket(['a', 'b']);
    table.move(['c'], undefined);
    expect(ticket.isCurrent()).toBe(true);
    table.move(['b'], undefined);
    expect(ticket.isCurrent()).toBe(false);
    expect(table.ticket(['a', 'b']).isCurrent()).toBe(true);
  });

  it('never becomes current again, even if a generation comes back', () => {
    const table = new GenerationTable();
    table.ticket(['a']);
    table.adoptMessage([generation('a', '1')]);
    const ticket = table.ticket(['a']);
    table.adoptMessage([generation('a', '2')]);
    table.adoptMessage([generation('a', '1')]);
    expect(ticket.isCurrent()).toBe(false);
  });

  it('knows the newest time of all its collections', () => {
    const table = new GenerationTable();
    table.move(['a'], at(5));
    table.move(['b'], at(7));
    table.move(['b'], at(6));
    expect(table.ticket(['a', 'b', 'c']).after()).toEqual(at(7));
    expect(table.ticket(['c']).after()).toBeUndefined();
  });
});

describe('the table', () => {
  it('ignores an answer about a collection that moved while it was asked after', () => {
    const table = new GenerationTable();
    const asked = table.ticket(['a', 'b']);
    table.adoptMessage([generation('a', 'newer')]);
    const ticket = table.ticket(['a']);
    expect(table.adoptAnswer(asked, [generation('a', 'older'), generation('b', '1')])).toEqual([]);
    expect(ticket.isCurrent()).toBe(true);
    expect(table.ticket(['a', 'b']).slots.map(({ id }) => id)).toEqual(['newer', '1']);
  });

  it('names what moved, but not what was heard of for the first time', () => {
    const table = new GenerationTable();
    table.ticket(['a', 'b']);
    expect(table.adoptMessage([generation('a', '1'), generation('b', '1')])).toEqual([]);
    expect(table.adoptMessage([generation('a', '1'), generation('b', '2')])).toEqual(['b']);
  });

  it('takes no notice of collections that nobody reads here', () => {
    const table = new GenerationTable();
    table.adoptMessage([generation('far', '1')]);
    expect(table.wholeTicket().slots).toEqual([]);
  });

  it('takes over a later time only', () => {
    const table = new GenerationTable();
    table.move(['a'], at(5));
    table.adoptMessage([{ ...generation('a', '1'), after: at(3) }]);
    expect(table.ticket(['a']).after()).toEqual(at(5));
    table.adoptMessage([{ ...generation('a', '1'), after: at(9) }]);
    expect(table.ticket(['a']).after()).toEqual(at(9));
  });
});

describe('a time', () => {
  const withTime = (id: string, t: number) => ({ ...generation('a', id), after: at(t) });

  it('that is further ahead than any clock is wrong is not taken over', () => {
    const now = Date.UTC(2026, 0, 1);
    const table = new GenerationTable({ wallTime: () => now });
    table.ticket(['a']);
    table.adoptMessage([withTime('1', now / 1_000 + 23 * 3_600)]);
    const good = table.ticket(['a']).after();
    expect(good).toBeDefined();
    for (const t of [now / 1_000 + 25 * 3_600, 0x7fffffff, 0xffffffff]) {
      table.adoptMessage([withTime(`far-${t}`, t)]);
      expect(table.ticket(['a']).after()).toBe(good);
      expect(table.ticket(['a']).slots[0]?.id).toBe(`far-${t}`);
    }
  });

  it('that was forgotten is not taken over again, a later one is', () => {
    const table = new GenerationTable();
    const ticket = table.ticket(['a', 'b']);
    table.move(['b'], at(6));
    table.adoptMessage([withTime('1', 7)]);
    table.distrust(ticket, at(7));
    expect(table.ticket(['a', 'b']).after()).toEqual(at(6));
    table.adoptMessage([withTime('1', 7)]);
    expect(table.ticket(['a']).after()).toBeUndefined();
    table.adoptMessage([withTime('2', 8)]);
    expect(table.ticket(['a']).after()).toEqual(at(8));
  });
});
