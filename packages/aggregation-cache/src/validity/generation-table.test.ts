import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { GenerationTable } from './generation-table.js';

const generation = (dependency: string, id: string) => ({ dependency, id });
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
  it('knows whether messages have told of all of some, also after it moved them itself', () => {
    const table = new GenerationTable();
    const isHeardOf = (...names: string[]) => table.ticket(names).isHeardOf();
    table.ticket(['a', 'b']);
    expect([isHeardOf('a'), isHeardOf('a', 'b')]).toEqual([false, false]);
    table.adoptMessage([generation('a', '1')]);
    expect([isHeardOf('a'), isHeardOf('a', 'b')]).toEqual([true, false]);
    table.adoptAnswer(table.ticket(['b']), [generation('b', '1')]);
    expect(isHeardOf('a', 'b')).toBe(true);
    table.move(['a'], undefined);
    expect(isHeardOf('a', 'b')).toBe(true);
  });

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

  it('that was distrusted gives way to what was reached, and is not taken over again; a later one is', () => {
    const table = new GenerationTable();
    table.ticket(['a', 'b', 'c']);
    table.move(['a'], at(3));
    table.move(['b'], at(6));
    table.adoptMessage([withTime('1', 7)]);
    const ticket = table.ticket(['a', 'b', 'c']);
    table.distrust(ticket, at(7), at(5));
    expect(table.ticket(['a']).after()).toEqual(at(5));
    expect(table.ticket(['b']).after()).toEqual(at(6));
    expect(table.ticket(['c']).after()).toBeUndefined();
    table.adoptMessage([withTime('1', 7)]);
    expect(table.ticket(['a']).after()).toEqual(at(5));
    table.adoptMessage([withTime('2', 8)]);
    expect(table.ticket(['a']).after()).toEqual(at(8));
  });

  it('that was distrusted is taken over with a new generation, for it may hide that of a later write', () => {
    const table = new GenerationTable();
    table.ticket(['a']);
    table.adoptMessage([withTime('1', 7)]);
    table.distrust(table.ticket(['a']), at(7), at(5));
    table.adoptMessage([withTime('2', 7)]);
    expect(table.ticket(['a']).after()).toEqual(at(7));
  });

  it('stays while it may hide a write that came when it was asked what was reached', () => {
    const table = new GenerationTable();
    table.move(['a'], at(7));
    const asked = table.ticket(['a']);
    table.move(['a'], at(6));
    table.distrust(asked, at(7), at(5));
    expect(table.ticket(['a']).after()).toEqual(at(7));
  });

  it('that was distrusted gives way for what is known anew, too', () => {
    const table = new GenerationTable();
    table.move(['t:red'], at(7));
    for (let id = 0; id < 5_000; id += 1) table.ticket([`t:${id}`]);
    const ticket = table.ticket(['t:blue']);
    expect(ticket.after()).toEqual(at(7));
    table.distrust(ticket, at(7), at(5));
    expect(table.ticket(['t:blue']).after()).toEqual(at(5));
    expect(table.ticket(['t:green']).after()).toEqual(at(5));
  });

  it('that was distrusted is forgotten where the database keeps no times', () => {
    const table = new GenerationTable();
    table.move(['a'], at(7));
    table.distrust(table.ticket(['a']), at(7), undefined);
    expect(table.ticket(['a']).after()).toBeUndefined();
  });
});
