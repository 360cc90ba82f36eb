import { describe, expect, it } from 'vitest';
import { findStale } from './checker.js';
import type { History, HistoryCall, InvalidateCall, ReadCall, WriteCall } from './history.js';

const HEARTBEAT_MS = 1_000;
const KEY = 'contracts:1';

/** Calls that begin and end one after the other, 10 ms each, unless they say otherwise. */
const historyOf = (
  calls: readonly ((at: { begin: number; end: number }) => HistoryCall)[],
  writes: History['writes'] = written(1),
): History => ({
  calls: calls.map((call, index) => call({ begin: index * 2, end: index * 2 + 1 })),
  writes,
});

/** So many writes to one key, each after the one before. */
const written = (count: number, rolledBack: readonly number[] = []): History['writes'] =>
  new Map(
    Array.from({ length: count }, (_, index) => {
      const number = index + 1;
      const isBack = rolledBack.includes(number);
      return [
        number,
        { number, key: KEY, time: 100 * number, previous: index, rolledBack: isBack },
      ] as const;
    }),
  );

const moment = (order: number, time = order * 10) => ({ order, time });

const write =
  (number = 1, own: Partial<WriteCall> = {}) =>
  ({ begin, end }: { begin: number; end: number }): WriteCall => ({
    kind: 'write',
    process: 'p1',
    key: KEY,
    write: number,
    begin: moment(begin),
    end: moment(end),
    ...own,
  });

const invalidate =
  (own: Partial<InvalidateCall> = {}) =>
  ({ begin, end }: { begin: number; end: number }): InvalidateCall => ({
    kind: 'invalidate',
    process: 'p1',
    scope: { kind: 'collection', collection: 'contracts' },
    published: true,
    begin: moment(begin),
    end: moment(end),
    ...own,
  });

const read =
  (mode: ReadCall['mode'], seen: number, own: Partial<ReadCall> = {}) =>
  ({ begin, end }: { begin: number; end: number }): ReadCall => ({
    kind: 'read',
    process: 'p2',
    name: 'one',
    mode,
    keys: [KEY],
    tags: ['contract 1'],
    rows: [{ key: KEY, write: seen }],
    begin: moment(begin),
    end: moment(end),
    ...own,
  });

const late = { begin: { order: 100, time: 5_000 }, end: { order: 101, time: 5_001 } };
const duties = (history: History) =>
  findStale(history, HEARTBEAT_MS).map(({ lacks, duty }) => [lacks.number, duty.by]);

describe('an answer in the mode strict', () => {
  it('is stale if it lacks a write whose invalidation was acknowledged to anyone', () => {
    expect(duties(historyOf([write(), invalidate(), read('strict', 0)]))).toEqual([
      [1, 'published'],
    ]);
  });

  it('is right if it shows the write, or one that came after it', () => {
    expect(duties(historyOf([write(), invalidate(), read('strict', 1)]))).toEqual([]);
    expect(duties(historyOf([write(), invalidate(), read('strict', 2)], written(2)))).toEqual([]);
  });

  it('may lack a write that nobody invalidated, or whose invalidation is not acknowledged yet', () => {
    expect(duties(historyOf([write(), read('strict', 0)]))).toEqual([]);
    const before = { begin: moment(2), end: moment(9) };
    expect(duties(historyOf([write(), invalidate(), read('strict', 0, before)]))).toEqual([]);
    expect(duties(historyOf([write(), invalidate({ end: undefined }), read('strict', 0)]))).toEqual(
      [],
    );
    expect(
      duties(historyOf([write(), invalidate({ failure: 'CLOSED' }), read('strict', 0)])),
    ).toEqual([]);
  });

  it('owes what could not be published to its own process alone', () => {
    const kept = invalidate({ published: false });
    expect(duties(historyOf([write(), kept, read('strict', 0)]))).toEqual([]);
    expect(duties(historyOf([write(), kept, read('strict', 0, { process: 'p1' })]))).toEqual([
      [1, 'here'],
    ]);
    const alone = invalidate({ published: undefined });
    expect(duties(historyOf([write(), alone, read('strict', 0, { process: 'p1' })]))).toEqual([
      [1, 'here'],
    ]);
  });
});

describe('an answer in the mode bounded', () => {
  it('is stale if it lacks a write whose invalidation was acknowledged in this process', () => {
    const here = read('bounded', 0, { process: 'p1' });
    expect(duties(historyOf([write(), invalidate(), here]))).toEqual([[1, 'here']]);
    expect(duties(historyOf([write(), invalidate({ published: false }), here]))).toEqual([
      [1, 'here'],
    ]);
  });

  it('is stale if it lacks a write whose invalidation was published more than a heartbeat before', () => {
    expect(duties(historyOf([write(), invalidate(), read('bounded', 0, late)]))).toEqual([
      [1, 'published'],
    ]);
    expect(
      duties(historyOf([write(), invalidate({ published: false }), read('bounded', 0, late)])),
    ).toEqual([]);
  });

  it('may lack one that was published elsewhere within a heartbeat, to the millisecond', () => {
    const published = invalidate({ end: { order: 3, time: 30 } });
    const at = (time: number) =>
      read('bounded', 0, { begin: { order: 9, time }, end: { order: 10, time } });
    expect(duties(historyOf([write(), published, at(30 + HEARTBEAT_MS)]))).toEqual([]);
    expect(duties(historyOf([write(), published, at(30.5 + HEARTBEAT_MS)]))).toEqual([
      [1, 'published'],
    ]);
  });
});

describe('an answer in any mode', () => {
  it.each(['strict', 'bounded', 'eventual'] as const)(
    'is stale in the mode %s if it lacks what the token covers',
    (mode) => {
      const writes = written(2);
      expect(duties(historyOf([read(mode, 0, { after: 100 })], writes))).toEqual([[1, 'token']]);
      expect(duties(historyOf([read(mode, 1, { after: 199 })], writes))).toEqual([]);
      expect(duties(historyOf([read(mode, 1, { after: 200 })], writes))).toEqual([[2, 'token']]);
    },
  );

  it('owes nothing else in the mode eventual', () => {
    expect(duties(historyOf([write(), invalidate(), read('eventual', 0, late)]))).toEqual([]);
  });

  it('may lack a write that a failover took back, and is stale if it shows one in place of another', () => {
    const calls = [write(), invalidate(), read('strict', 0)];
    expect(duties(historyOf(calls, written(1, [1])))).toEqual([]);
    const forked: History['writes'] = new Map([
      [1, { number: 1, key: KEY, time: 100, previous: 0, rolledBack: true }],
      [2, { number: 2, key: KEY, time: 200, previous: 0, rolledBack: false }],
    ]);
    expect(duties(historyOf([write(2), invalidate(), read('strict', 1)], forked))).toEqual([
      [2, 'published'],
    ]);
  });

  it('is stale if it has no row at all of what was written', () => {
    const empty = read('strict', 1, { rows: [] });
    expect(duties(historyOf([write(), invalidate(), empty]))).toEqual([[1, 'published']]);
    const other = read('strict', 1, { rows: [{ key: 'contracts:2', write: 0 }] });
    expect(duties(historyOf([write(), invalidate(), other]))).toEqual([[1, 'published']]);
    const elsewhere = read('strict', 1, { rows: [], keys: ['contracts:2'] });
    expect(duties(historyOf([write(), invalidate(), elsewhere]))).toEqual([]);
  });

  it('is not judged where there is none', () => {
    const failed = read('strict', 0, { rows: undefined, failure: 'NO_MEMBER' });
    expect(duties(historyOf([write(), invalidate(), failed]))).toEqual([]);
  });
});

describe('an invalidation', () => {
  it('is about the writes up to the one that it names', () => {
    const calls = (after: number) => [invalidate({ after }), read('strict', 0)];
    expect(duties(historyOf(calls(100), written(2)))).toEqual([[1, 'published']]);
    expect(duties(historyOf(calls(99), written(2)))).toEqual([]);
  });

  it('that names none is about the writes that were acknowledged before it began', () => {
    expect(duties(historyOf([invalidate(), write(), read('strict', 0)]))).toEqual([]);
    for (const unknown of [{ end: undefined }, { failure: 'NO_PRIMARY' }]) {
      expect(duties(historyOf([write(1, unknown), invalidate(), read('strict', 0)]))).toEqual([]);
    }
  });

  it('is about what it names: a collection, documents, a class, a tag, a tenant, or all', () => {
    const stale = (scope: InvalidateCall['scope'], own: Partial<ReadCall> = {}) =>
      duties(historyOf([write(), invalidate({ scope }), read('strict', 0, own)])).length;
    expect(stale({ kind: 'collection', collection: 'contracts' })).toBe(1);
    expect(stale({ kind: 'collection', collection: 'contract' })).toBe(0);
    expect(stale({ kind: 'documents', keys: [KEY] })).toBe(1);
    expect(stale({ kind: 'documents', keys: ['contracts:2'] })).toBe(0);
    expect(stale({ kind: 'class', name: 'one' })).toBe(1);
    expect(stale({ kind: 'class', name: 'other' })).toBe(0);
    expect(stale({ kind: 'tag', name: 'contract 1' })).toBe(1);
    expect(stale({ kind: 'tag', name: 'contract 2' })).toBe(0);
    expect(stale({ kind: 'tenant', name: 'north' }, { tenant: 'north' })).toBe(1);
    expect(stale({ kind: 'tenant', name: 'north' }, { tenant: 'south' })).toBe(0);
    expect(stale({ kind: 'tenant', name: 'north' })).toBe(0);
    expect(stale({ kind: 'all' })).toBe(1);
  });

  it('is told with the answer that lacks its write', () => {
    const [stale] = findStale(historyOf([write(), invalidate(), read('strict', 0)]), HEARTBEAT_MS);
    expect(stale).toMatchObject({
      read: { begin: { order: 4 } },
      row: { key: KEY, write: 0 },
      lacks: { number: 1 },
      duty: { by: 'published', invalidation: { end: { order: 3 } } },
    });
  });
});
