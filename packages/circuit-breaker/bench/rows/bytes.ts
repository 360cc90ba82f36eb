import { isPeer } from '@nestcms/bench/figures';
import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import { collect, collections, heapBytes, ROOMY } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { sideBySide } from '@nestcms/bench/side-by-side';
import { breakerAndTimeoutFloor } from '../columns/deadline-floor.ts';
import { FLOORS } from '../columns/floors.ts';
import { type Maker, resolves } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, withThreePolicies, withTwoPolicies } from '../columns/ours.ts';
import { cockatielPipeline, PEERS } from '../columns/peers.ts';
import { loadBuilt, type Ours } from '../support/build.ts';

const WARM_CALLS = 20_000;
const CALLS = 5000;
const MEASUREMENTS = 9;
const KEPT_CALLS = 300_000;
/** Less than a byte in ten calls is no object that stays. */
const NOTHING_KEPT = 0.1;

const FLOOR_THEN = 'floor: .then, no throw + count ring';
const FLOOR_TIMED = 'floor: timed, pooled slots + time ring + histogram';
const FLOOR_LIMIT = 'floor: breaker + timeout, shared queue, lazy signal';

const ROWS = [
  { row: 'counted', column: 'ours: count', most: 80, floor: FLOOR_THEN },
  { row: 'timed', column: 'ours: time + slow rule + histogram', most: 150, floor: FLOOR_TIMED },
  { row: 'with timeout', column: 'ours: breaker + timeout', most: 700, floor: FLOOR_LIMIT },
];

const makersOf = (ours: Ours): Readonly<Record<string, Maker>> => ({
  bare: (operation) => () => operation(),
  ...FLOORS,
  [FLOOR_LIMIT]: breakerAndTimeoutFloor,
  'ours: count': executing(ours, OURS_OPTIONS.count),
  'ours: time': executing(ours, OURS_OPTIONS.time),
  'ours: time + slow rule + histogram': executing(ours, OURS_OPTIONS.timed),
  'ours: breaker + timeout': withTwoPolicies(ours),
  'ours: retry + breaker + timeout': withThreePolicies(ours),
  ...PEERS,
  'cockatiel: retry + breaker + timeout': cockatielPipeline,
});

interface Bytes {
  readonly name: string;
  /** Bytes allocated by a call. */
  readonly made: number;
  /** Bytes of a call that stay after a collection. */
  readonly kept: number;
}

/** What a call allocates over a bare one, and what stays of it. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const found = await sideBySide(Object.keys(makersOf(await loadBuilt())), 2, (name) => {
    note(name);
    const errand = { url: import.meta.url, name: 'bytesOf', settings: name };
    return inChild<Bytes>(errand, { note, flags: ROOMY });
  });
  const bare = bytesNamed(found, 'bare').made;
  const rival = found.filter(isPeer).toSorted((a, b) => a.made - b.made)[0];
  const made = ROWS.map(({ row, column, most, floor }): Verdict => {
    const own = bytesNamed(found, column).made - bare;
    return {
      row: `bytes per call over bare, ${row}`,
      figure: `${amount(own)} B`,
      ...judge(own, { most, unit: ' B' }),
      rival: rival && `${amount(rival.made - bare)} B ${rival.name}`,
      floor: `${amount(bytesNamed(found, floor).made - bare)} B`,
    };
  });
  const kept = ROWS.map(({ row, column }): Verdict => {
    const own = bytesNamed(found, column).kept;
    const met = own < NOTHING_KEPT;
    return { row: `bytes kept per call, ${row}`, figure: `${amount(own)} B`, bar: '0 B', met };
  });
  const body = found.map((each) => [each.name, amount(each.made - bare), amount(each.kept)]);
  return {
    verdicts: [...made, ...kept],
    tables: [{ title: 'Bytes of a call', head: ['column', 'over bare', 'kept'], body }],
  };
};

const bytesNamed = (found: readonly Bytes[], name: string): Bytes => {
  const bytes = found.find((each) => each.name === name);
  if (bytes === undefined) throw new Error(`No column '${name}'.`);
  return bytes;
};

/** In a process of its own, with room enough that nothing is collected in between. */
export const bytesOf = async (name: string): Promise<Bytes> => {
  const maker = makersOf(await loadBuilt())[name];
  if (maker === undefined) throw new Error(`No column '${name}'.`);
  const call = maker(resolves);
  await callOften(call, WARM_CALLS);
  const collected = collections();
  const figures: number[] = [];
  for (let turn = 0; turn < MEASUREMENTS; turn += 1) {
    await collect();
    collected();
    const before = heapBytes();
    await callOften(call, CALLS);
    const after = heapBytes();
    if (collected() === 0) figures.push((after - before) / CALLS);
  }
  if (figures.length === 0) throw new Error('Garbage was collected during every measurement.');
  await collect();
  const before = heapBytes();
  await callOften(call, KEPT_CALLS);
  await collect();
  return { name, made: median(figures), kept: (heapBytes() - before) / KEPT_CALLS };
};

const callOften = async (call: () => Promise<unknown>, times: number): Promise<void> => {
  for (let turn = 0; turn < times; turn += 1) await call();
};
