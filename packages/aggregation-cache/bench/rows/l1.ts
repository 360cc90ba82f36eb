import { type Column, compare, type Figure } from '@nestcms/bench/compare';
import { bestPeer, figureNamed, figureTable, times } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { LRUCache } from 'lru-cache';
import { PEERS } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';
import { contractDetails, objectsOf, openEngine, rowsOf } from '../support/engine.ts';

/** Keys that are asked for in turn. */
const KEYS = 1_000;
/** Fewer of the large ones, so that serialising peers finish. */
const LARGE_KEYS = 100;
const MOST_TIMES = 1.5;
const MOST_HIT_NS = 600;
const FLOOR = 'bare: lru-cache get';
const OURS = 'ours: memory tier';
const PREPARED = 'ours: read of a prepared query';
const OBSERVED = 'ours: the same, channels that nobody subscribed to';
const MOST_OBSERVED_NS = 5;
const UNPREPARED = 'ours: read, four stages';

/** A hit in this process: what is looked up, and what callers pay in all. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const found = [];
  for (const [kilobytes, keys] of [
    [1, KEYS],
    [50, LARGE_KEYS],
  ] as const) {
    const columns = await columnsFor(kilobytes, keys);
    found.push({ kilobytes, figures: await compare(columns, { rounds, note }) });
  }
  const small = found[0]?.figures ?? [];
  return {
    verdicts: [
      ...found.map(({ kilobytes, figures }) => lookVerdict(kilobytes, figures)),
      hitVerdict('hit of a prepared query', PREPARED, small, MOST_HIT_NS),
      hitVerdict('hit of a read with four stages', UNPREPARED, small),
      observedVerdict(small),
    ],
    tables: found.map(({ kilobytes, figures }) =>
      figureTable(`Hit in memory, ${kilobytes} KB`, figures),
    ),
  };
};

const lookVerdict = (kilobytes: number, figures: readonly Figure[]): Verdict => {
  const { ratio } = figureNamed(figures, OURS);
  const rival = bestPeer(figures);
  return {
    row: `look into memory, ${kilobytes} KB, frozen`,
    figure: `${times(ratio)}x`,
    ...judge(ratio, { most: MOST_TIMES, unit: 'x' }),
    rival: rival && `${times(rival.ratio)}x ${rival.name}`,
  };
};

const hitVerdict = (
  row: string,
  column: string,
  figures: readonly Figure[],
  most?: number,
): Verdict => {
  const { ns } = figureNamed(figures, column);
  const bar = most === undefined ? { bar: '', met: undefined } : judge(ns, { most, unit: ' ns' });
  const rival = bestPeer(figures);
  const other = rival && `${amount(rival.ns)} ns ${rival.name}`;
  return { row, figure: `${amount(ns)} ns`, ...bar, rival: other };
};

const observedVerdict = (figures: readonly Figure[]): Verdict => {
  const ns = figureNamed(figures, OBSERVED).ns - figureNamed(figures, PREPARED).ns;
  return {
    row: 'channels for diagnostics, nobody subscribed, a hit',
    figure: `${amount(ns)} ns`,
    ...judge(Math.max(0, ns), { most: MOST_OBSERVED_NS, unit: ' ns' }),
  };
};

const columnsFor = async (kilobytes: number, keys: number): Promise<Column[]> => {
  const names = Array.from({ length: keys }, (_, index) => `contract-${index}`);
  const values = new Map(names.map((name, index) => [name, objectsOf(kilobytes, index)]));
  const load = async (name: string) => values.get(name) ?? [];
  const lru = new LRUCache<string, object>({ max: 2 * keys });
  for (const [name, value] of values) lru.set(name, value);
  const columns: Column[] = [
    { name: FLOOR, call: inTurn(names, (name) => lru.get(name)) },
    { name: OURS, call: await memoryTier(kilobytes, keys) },
    ...(await engineColumns(kilobytes, keys)),
  ];
  for (const [name, make] of Object.entries(PEERS)) {
    const peer = await make({ load });
    for (const key of names) await peer.get(key);
    columns.push({ name, call: inTurn(names, peer.get) });
  }
  return columns;
};

const inTurn = <T>(items: readonly T[], call: (item: T) => unknown): (() => unknown) => {
  let next = 0;
  return () => {
    next = next + 1 === items.length ? 0 : next + 1;
    return call(items[next] as T);
  };
};

const ROOM = 256 * 1024 * 1024;

const memoryTier = async (kilobytes: number, keys: number) => {
  const { MemoryTier } = await loadBuilt('memory/memory-tier');
  const { memoryKey } = await loadBuilt('memory/memory-key');
  const { GenerationTable } = await loadBuilt('validity/generation-table');
  const { rowDecoder, rowTypesOf } = await loadBuilt('rows/decode-rows');
  const table = new GenerationTable();
  const memory = new MemoryTier({ maxBytes: ROOM, table, decode: rowDecoder(rowTypesOf({})) });
  const facts = { loadedAt: 0, freshUntil: 1e12, expiresAt: 1e12, costMs: 5, verifiedAt: 0 };
  const all = Array.from({ length: keys }, (_, index) => {
    const key = memoryKey(`contract-${index}`);
    const ticket = table.ticket(['*', 'c:shop.contracts', 'k:contractDetails']);
    const raw = rowsOf(kilobytes, index);
    memory.set(key, { ...facts, asOf: undefined, member: undefined, ticket, raw });
    return key;
  });
  return inTurn(all, (key) => memory.find(key)?.rows);
};

const engineColumns = async (kilobytes: number, keys: number): Promise<Column[]> => {
  let seed = 0;
  const load = async () => {
    seed += 1;
    return rowsOf(kilobytes, seed);
  };
  const { engine } = await openEngine({ load, memoryMaxBytes: ROOM });
  const { publishEvents } = await loadBuilt('adapters/diagnostics/index');
  const observed = await openEngine({ load, memoryMaxBytes: ROOM });
  publishEvents(observed);
  const { InMemoryRemote } = await loadBuilt('testing/index');
  const store = new InMemoryRemote().connect();
  const { engine: shared } = await openEngine({ load, store, memoryMaxBytes: ROOM });
  const details = await contractDetails();
  const params = Array.from({ length: keys }, (_, id) => ({ id }));
  const queries = [];
  const sharedQueries = [];
  const observedQueries = [];
  for (const each of params) {
    const query = await engine.prepare(details, each, undefined);
    await query.read();
    queries.push(query);
    const sharedQuery = await shared.prepare(details, each, undefined);
    await sharedQuery.read();
    sharedQueries.push(sharedQuery);
    const observedQuery = await observed.engine.prepare(details, each, undefined);
    await observedQuery.read();
    observedQueries.push(observedQuery);
  }
  return [
    { name: PREPARED, call: inTurn(queries, (query) => query.read()) },
    { name: OBSERVED, call: inTurn(observedQueries, (query) => query.read()) },
    {
      name: 'ours: the same, one of a fleet',
      call: inTurn(sharedQueries, (query) => query.read()),
    },
    { name: UNPREPARED, call: inTurn(params, (each) => engine.read(details, each, {})) },
  ];
};
