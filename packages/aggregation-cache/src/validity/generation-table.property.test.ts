import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  type DependencySet,
  GenerationTable,
  isCurrentSince,
  type Ticket,
} from './generation-table.js';

const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 0 }) });
const names = ['*', 'c:db.a', 'w:db.a', 'd:db.a:1', 'd:db.a:2', 't:red', 'k:one', 'n:acme'];
/** More documents than are remembered without an entry. */
const flood = Array.from({ length: 5_000 }, (_, id) => `d:db.flood:${id}`);

describe('what nothing depends on any more', () => {
  it('is forgotten in the end, and a ticket on it is void from then on', () => {
    const table = new GenerationTable();
    const before = table.ticket(['d:db.a:1']);
    for (const one of flood) table.ticket([one]);
    expect(before.isCurrent()).toBe(false);
    expect(table.wholeTicket().slots.length).toBeLessThan(4_100);
    // Known anew, it is another.
    expect(table.ticket(['d:db.a:1']).isCurrent()).toBe(true);
    expect(before.isCurrent()).toBe(false);
  });

  it('is remembered as long as an entry depends on it', () => {
    const table = new GenerationTable();
    const ticket = table.ticket(['d:db.a:1', 't:red']);
    const set = table.hold(ticket);
    for (const one of flood) table.ticket([one]);
    expect(isCurrentSince(set, ticket.stamp)).toBe(true);
    table.move(['d:db.a:1'], undefined);
    expect(isCurrentSince(set, ticket.stamp)).toBe(false);
    table.release(set);
    expect(table.bytes).toBe(0);
  });

  it('leaves the time of its invalidation to whatever is known anew', () => {
    const table = new GenerationTable();
    table.move(['t:red'], at(7));
    expect(table.ticket(['t:blue']).after()).toBeUndefined();
    for (const one of flood) table.ticket([one]);
    expect(table.ticket(['t:red']).after()).toEqual(at(7));
    // A collection is never forgotten, and takes over nothing.
    expect(table.ticket(['*', 'c:db.b']).after()).toBeUndefined();
  });

  it('holds a collection and all of its own for ever', () => {
    const table = new GenerationTable();
    table.move(['*', 'c:db.a', 'w:db.a'], at(3));
    for (const one of flood) table.ticket([one]);
    expect(table.ticket(['w:db.a']).after()).toEqual(at(3));
  });
});

describe('tickets and what is held', () => {
  it('are current exactly until something of theirs moved, and know its newest time', () => {
    const some = fc.subarray(names, { minLength: 1 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ticket' as const), of: some }),
      fc.record({ kind: fc.constant('hold' as const), of: some }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat(20) }),
      fc.record({
        kind: fc.constant('move' as const),
        of: some,
        t: fc.integer({ min: 1, max: 99 }),
      }),
      fc.record({
        kind: fc.constant('hear' as const),
        of: fc.constantFrom(...names),
        id: fc.constantFrom('x', 'y', 'z'),
      }),
      fc.record({ kind: fc.constant('flood' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new GenerationTable();
        const tickets: { ticket: Ticket; of: readonly string[]; moved: boolean }[] = [];
        const held: { set: DependencySet; stamp: number; of: readonly string[]; moved: boolean }[] =
          [];
        const newest = new Map<string, number>();
        const ids = new Map<string, string>();
        const known = new Set<string>();
        let flooded = false;
        const voidAllOf = (of: readonly string[]) => {
          for (const one of [...tickets, ...held]) {
            if (one.of.some((name) => of.includes(name))) one.moved = true;
          }
        };
        for (const one of steps) {
          if (one.kind === 'ticket' || one.kind === 'hold') {
            const ticket = table.ticket(one.of);
            for (const name of one.of) known.add(name);
            // At least the newest time of all its own: more only where something was forgotten.
            const wanted = Math.max(0, ...one.of.map((name) => newest.get(name) ?? 0));
            const after = ticket.after()?.operationTime.t ?? 0;
            assert.equal(flooded ? Math.min(after, wanted) : after, wanted);
            const { stamp } = ticket;
            if (one.kind === 'ticket') tickets.push({ ticket, of: one.of, moved: false });
            else held.push({ set: table.hold(ticket), stamp, of: one.of, moved: false });
          } else if (one.kind === 'release') {
            const [gone] = held.splice(one.which, 1);
            if (gone !== undefined) table.release(gone.set);
          } else if (one.kind === 'move') {
            table.move(one.of, at(one.t));
            for (const name of one.of) {
              known.add(name);
              ids.delete(name);
              newest.set(name, Math.max(one.t, newest.get(name) ?? 0));
            }
            voidAllOf(one.of);
          } else if (one.kind === 'hear') {
            if (flooded) continue;
            table.adoptMessage([{ dependency: one.of, id: one.id }]);
            // After a flood it is open which ids are still known: no message is sent from then on.
            if (known.has(one.of) && ids.get(one.of) !== one.id) {
              ids.set(one.of, one.id);
              voidAllOf([one.of]);
            }
          } else {
            for (const name of flood) table.ticket([name]);
            flooded = true;
          }
          for (const { ticket, moved } of tickets) {
            expect(ticket.isCurrent() && (moved || !flooded)).toBe(!moved && !flooded);
          }
          for (const { set, stamp, moved } of held) {
            expect(isCurrentSince(set, stamp)).toBe(!moved);
          }
        }
        for (const { set } of held) table.release(set);
        expect(table.bytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
