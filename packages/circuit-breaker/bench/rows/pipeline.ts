import { compare } from '@nestcms/bench/compare';
import { figureTable, type RatioRow, ratioVerdicts } from '@nestcms/bench/figures';
import type { Findings } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { breakerAndTimeoutFloor } from '../columns/deadline-floor.ts';
import { type Maker, resolves } from '../columns/operations.ts';
import { withFivePolicies, withThreePolicies, withTwoPolicies } from '../columns/ours.ts';
import { cockatielFivePolicies, cockatielPipeline } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';

const FLOOR = 'floor: breaker + timeout, shared queue, lazy signal';

const ROWS: readonly RatioRow[] = [
  { row: 'breaker + timeout', column: 'ours: breaker + timeout', floor: FLOOR },
  {
    row: 'breaker + timeout + retry, nothing going wrong',
    column: 'ours: retry + breaker + timeout',
    most: 3,
    floor: FLOOR,
  },
  {
    row: 'five policies (bulkhead, retry, breaker, timeout, fallback)',
    column: 'ours: five policies',
    most: 5,
  },
];

/** Several policies around a function that succeeds. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const five = withFivePolicies(ours);
  const makers: Readonly<Record<string, Maker>> = {
    bare: (operation) => () => operation(),
    [FLOOR]: breakerAndTimeoutFloor,
    'ours: breaker + timeout': withTwoPolicies(ours),
    'ours: retry + breaker + timeout': withThreePolicies(ours),
    ...(five && { 'ours: five policies': five }),
    'cockatiel: retry + breaker + timeout': cockatielPipeline,
    'cockatiel: five policies': cockatielFivePolicies,
  };
  const columns = Object.entries(makers).map(([name, maker]) => ({ name, call: maker(resolves) }));
  const figures = await compare(columns, { rounds, note });
  return {
    verdicts: ratioVerdicts(
      ROWS.filter(({ column }) => column in makers),
      figures,
    ),
    tables: [figureTable('Several policies, success', figures)],
  };
};
