import { compare } from '@nestcms/bench/compare';
import { bestPeer, figureNamed } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Table, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { FLOORS } from '../columns/floors.ts';
import { type AsyncOperation, type Maker, resolves, takesATurn } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, withThreePolicies } from '../columns/ours.ts';
import { cockatielPipeline, PEERS } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';

const CALLERS = 1000;
const FLOOR = 'floor: .then, no throw + count ring';
const CROWD_FLOORS = [
  FLOOR,
  'floor: watcher + count ring',
  'floor: async/await + count ring',
  'floor: timed, pooled slots + time ring + histogram',
];

interface Kind {
  readonly title: string;
  readonly operation: AsyncOperation;
  readonly least: number;
}

const KINDS: readonly Kind[] = [
  { title: 'loop-turn function', operation: takesATurn, least: 0.75 },
  { title: 'resolves at once', operation: resolves, least: 0.42 },
];

/** Many callers at the same time: the share of the bare rate that is left. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const found: Findings[] = [];
  for (const kind of KINDS) found.push(await withKind(kind, rounds, note));
  return {
    verdicts: found.flatMap(({ verdicts }) => verdicts),
    tables: found.flatMap(({ tables }) => tables),
  };
};

const withKind = async (
  { title, operation, least }: Kind,
  rounds: number,
  note: Note,
): Promise<Findings> => {
  const ours = await loadBuilt();
  const makers: Readonly<Record<string, Maker>> = {
    bare: (called) => () => called(),
    ...Object.fromEntries(CROWD_FLOORS.map((name) => [name, FLOORS[name] as Maker])),
    'ours: count': executing(ours, OURS_OPTIONS.count),
    'ours: time': executing(ours, OURS_OPTIONS.time),
    'ours: time + slow rule + histogram': executing(ours, OURS_OPTIONS.timed),
    'ours: retry + breaker + timeout': withThreePolicies(ours),
    ...PEERS,
    'cockatiel: retry + breaker + timeout': cockatielPipeline,
  };
  const columns = Object.entries(makers).map(([name, maker]) => ({
    name,
    call: crowded(maker(operation)),
    calls: CALLERS,
  }));
  const figures = await compare(columns, { rounds, note });
  const share = (name: string) => 1 / figureNamed(figures, name).ratio;
  const rival = bestPeer(figures);
  const verdicts = ['count', 'time'].map((window): Verdict => {
    const ownShare = share(`ours: ${window}`);
    return {
      row: `1,000 callers, ${title}, ${window} window`,
      figure: ownShare.toFixed(2),
      ...judge(ownShare, { least }),
      rival: rival && `${(1 / rival.ratio).toFixed(2)} ${rival.name}`,
      floor: share(FLOOR).toFixed(2),
    };
  });
  const table: Table = {
    title: `1,000 callers at once, ${title}`,
    head: ['column', 'share of the bare rate', 'calls a second'],
    body: figures.map(({ name, ratio, ns }) => [name, (1 / ratio).toFixed(3), amount(1e9 / ns)]),
  };
  return { verdicts, tables: [table] };
};

const crowded = (call: () => Promise<unknown>) => (): Promise<unknown> => {
  const running: Promise<unknown>[] = [];
  for (let caller = 0; caller < CALLERS; caller += 1) running.push(call());
  return Promise.all(running);
};
