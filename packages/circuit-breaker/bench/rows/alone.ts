import { compare, type Figure } from '@nestcms/bench/compare';
import { figureTable } from '@nestcms/bench/figures';
import type { Findings } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { sideBySide } from '@nestcms/bench/side-by-side';
import { breakerAndTimeoutFloor } from '../columns/deadline-floor.ts';
import { FLOORS } from '../columns/floors.ts';
import { type Maker, resolves } from '../columns/operations.ts';
import {
  executing,
  OURS_OPTIONS,
  withFivePolicies,
  withThreePolicies,
  withTwoPolicies,
  wrapping,
} from '../columns/ours.ts';
import { cockatielFivePolicies, cockatielPipeline, PEERS } from '../columns/peers.ts';
import { loadBuilt, type Ours } from '../support/build.ts';

const bare: Maker = (operation) => () => operation();

const makersOf = (ours: Ours): Readonly<Record<string, Maker | undefined>> => ({
  'floor: .then, no throw + count ring': FLOORS['floor: .then, no throw + count ring'],
  'floor: timed, pooled slots + time ring + histogram':
    FLOORS['floor: timed, pooled slots + time ring + histogram'],
  'floor: breaker + timeout, shared queue, lazy signal': breakerAndTimeoutFloor,
  'ours: count': executing(ours, OURS_OPTIONS.count),
  'ours: time': executing(ours, OURS_OPTIONS.time),
  'ours: time + slow rule + histogram': executing(ours, OURS_OPTIONS.timed),
  'ours: count, wrapped': wrapping(ours, OURS_OPTIONS.count),
  'ours: breaker + timeout': withTwoPolicies(ours),
  'ours: retry + breaker + timeout': withThreePolicies(ours),
  'ours: five policies': withFivePolicies(ours),
  ...PEERS,
  'cockatiel: retry + breaker + timeout': cockatielPipeline,
  'cockatiel: five policies': cockatielFivePolicies,
});

/** The columns of `closed` and `pipeline`, each in a process that calls nothing else. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const names = Object.entries(makersOf(await loadBuilt())).flatMap(([name, maker]) =>
    maker === undefined ? [] : [name],
  );
  const figures = await sideBySide(names, 1, (name) => {
    note(name);
    const settings = { name, rounds };
    return inChild<Figure>({ url: import.meta.url, name: 'figureOf', settings }, { note });
  });
  const title = 'Success, each column in a process of its own, beside a bare call';
  return { verdicts: [], tables: [figureTable(title, figures)] };
};

export const figureOf = async (
  { name, rounds }: { readonly name: string; readonly rounds: number },
  note: Note,
): Promise<Figure> => {
  const maker = makersOf(await loadBuilt())[name];
  if (maker === undefined) throw new Error(`No column '${name}'.`);
  const columns = [
    { name: 'bare', call: bare(resolves) },
    { name, call: maker(resolves) },
  ];
  const [, figure] = await compare(columns, { rounds, note });
  return figure as Figure;
};
