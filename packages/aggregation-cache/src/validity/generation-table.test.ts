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
