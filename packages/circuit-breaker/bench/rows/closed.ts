import { compare } from '@nestcms/bench/compare';
import { figureTable, type RatioRow, ratioVerdicts } from '@nestcms/bench/figures';
import type { Findings } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { FLOORS } from '../columns/floors.ts';
import { type Maker, resolves } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, opossumFacade, wrapping } from '../columns/ours.ts';
import { PEERS } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';

const COUNT_FLOOR = 'floor: .then, no throw + count ring';
const TIME_FLOOR = 'floor: .then, no throw + time ring, coarse clock';
const TIMED_FLOOR = 'floor: timed, pooled slots + time ring + histogram';

const ROWS: readonly RatioRow[] = [
  { row: 'closed success, count window', column: 'ours: count', most: 1.75, floor: COUNT_FLOOR },
  { row: 'closed success, time window', column: 'ours: time', most: 2, floor: TIME_FLOOR },
  {
    row: 'closed success, time window + slow rule + histogram',
    column: 'ours: time + slow rule + histogram',
    most: 4.2,
    floor: TIMED_FLOOR,
  },
  { row: 'closed success, ewma window', column: 'ours: ewma' },
  { row: 'wrapped, count window', column: 'ours: count, wrapped', most: 1.75, floor: COUNT_FLOOR },
  { row: 'wrapped, time window', column: 'ours: time, wrapped', most: 2, floor: TIME_FLOOR },
];

const bare: Maker = (operation) => () => operation();

/** A closed breaker around a function that succeeds. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const makers: Readonly<Record<string, Maker>> = {
    bare,
    ...FLOORS,
    'ours: count': executing(ours, OURS_OPTIONS.count),
    'ours: time': executing(ours, OURS_OPTIONS.time),
    'ours: time + slow rule + histogram': executing(ours, OURS_OPTIONS.timed),
    'ours: ewma': executing(ours, OURS_OPTIONS.ewma),
    'ours: count, wrapped': wrapping(ours, OURS_OPTIONS.count),
    'ours: time, wrapped': wrapping(ours, OURS_OPTIONS.time),
    'ours: as opossum, no time limit': opossumFacade(await loadBuilt('adapters/opossum/index')),
    ...PEERS,
  };
  const columns = Object.entries(makers).map(([name, maker]) => ({ name, call: maker(resolves) }));
  const figures = await compare(columns, { rounds, note });
  return {
    verdicts: ratioVerdicts(ROWS, figures),
    tables: [figureTable('Closed, success, async function that resolves at once', figures)],
  };
};
