import { FLOORS } from '../columns/floors.ts';
import { resolves } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, wrapping } from '../columns/ours.ts';
import { PEERS } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';
import { compare, figureNamed, lowestOf, ratioHead, ratioLines } from '../support/compare.ts';
import { type Findings, judge, type Verdict } from '../support/findings.ts';
import type { Note, Settings } from '../support/settings.ts';

const BARS: readonly { column: string; row: string; most?: number; floor?: string }[] = [
  {
    column: 'ours: count',
    row: 'closed success, count window',
    most: 1.75,
    floor: 'floor: .then, no throw + count ring',
  },
  {
    column: 'ours: time',
    row: 'closed success, time window',
    most: 2,
    floor: 'floor: .then, no throw + time ring, coarse clock',
  },
  {
    column: 'ours: time + slow rule + histogram',
    row: 'closed success, time window + slow rule + histogram',
    most: 4.2,
    floor: 'floor: timed, pooled slots + time ring',
  },
  { column: 'ours: ewma', row: 'closed success, ewma window' },
  { column: 'ours: count, wrapped', row: 'closed success, count window, wrapped', most: 1.75 },
  { column: 'ours: time, wrapped', row: 'closed success, time window, wrapped', most: 2 },
];

/** A closed breaker around a function that succeeds. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const makers = {
    bare: (operation: typeof resolves) => () => operation(),
    ...FLOORS,
    'ours: count': executing(ours, OURS_OPTIONS.count),
    'ours: time': executing(ours, OURS_OPTIONS.time),
    'ours: time + slow rule + histogram': executing(ours, OURS_OPTIONS.timed),
    'ours: ewma': executing(ours, OURS_OPTIONS.ewma),
    'ours: count, wrapped': wrapping(ours, OURS_OPTIONS.count),
    'ours: time, wrapped': wrapping(ours, OURS_OPTIONS.time),
    ...PEERS,
  };
  const columns = Object.entries(makers).map(([name, maker]) => ({ name, call: maker(resolves) }));
  const figures = await compare(columns, { rounds, note });
  const rivals = ['cockatiel', 'opossum', 'mollitia'].flatMap((peer) => {
    const best = lowestOf(figures, peer);
    return best === undefined ? [] : [best];
  });
  const rival = rivals.toSorted((a, b) => a.ratio - b.ratio)[0];
  const verdicts = BARS.map(({ column, row, most, floor }): Verdict => {
    const { ratio } = figureNamed(figures, column);
    return {
      row,
      figure: `${ratio.toFixed(2)}x`,
      ...(most === undefined ? { bar: '', met: undefined } : judge(ratio, { most, unit: 'x' })),
      rival: rival && `${rival.ratio.toFixed(2)}x ${rival.name}`,
      floor: floor && `${figureNamed(figures, floor).ratio.toFixed(2)}x`,
    };
  });
  const title = 'Closed, success, async function that resolves at once';
  return { verdicts, tables: [{ title, head: ratioHead, body: ratioLines(figures) }] };
};
