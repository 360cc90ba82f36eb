import { type Column, compare, type Figure } from '@nestcms/bench/compare';
import { bestPeer, figureNamed, times } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import type { WindowOptions } from '../../src/index.js';
import { FLOORS } from '../columns/floors.ts';
import { caught, type Maker, rejects, resolves } from '../columns/operations.ts';
import { executing } from '../columns/ours.ts';
import { patientPeers } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';

const HELD = [0, 1000, 10_000, 100_000];
/** What a breaker gets before it is thrown away, where the window holds nothing: fewer than could open it. */
const SHORT_LIFE = 8;
const SHORT_LIVES = 25;

const HOUR_MS = 3_600_000;
const OURS = ['ours: count', 'ours: time 1 h'];
/** A count window must hold more than it is filled with: one that holds failures alone would open. */
const sizeFor = (held: number): number => (held === 0 ? 100 : 1_000_000);

/** A closed breaker whose function fails, by how many calls its window holds already. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const byHeld: (readonly Figure[])[] = [];
  const url = import.meta.url;
  for (const held of HELD) {
    byHeld.push(
      await inChild<readonly Figure[]>(
        { url, name: 'failuresWith', settings: { held, rounds } },
        { note: (progress) => note(`${held} calls held: ${progress}`) },
      ),
    );
  }
  return {
    verdicts: OURS.flatMap((column) => verdictsOf(column, byHeld)),
    tables: [tableOf(byHeld)],
  };
};

const verdictsOf = (column: string, byHeld: readonly (readonly Figure[])[]): Verdict[] => {
  const full = byHeld.slice(1);
  const ratios = full.map((figures) => figureNamed(figures, column).ratio);
  const worst = Math.max(...ratios);
  const spread = worst / Math.min(...ratios) - 1;
  const rivals = full.map((figures) => bestPeer(figures)?.ratio ?? Number.NaN);
  const floors = full.map((figures) => figureNamed(figures, FLOOR).ratio);
  const window = column.replace('ours: ', '');
  return [
    {
      row: `failure, 1,000 to 100,000 calls in the window, ${window}`,
      figure: `${ratios.map(times).join(' / ')}x`,
      ...judge(worst, { most: 2.2, unit: 'x' }),
      rival: `${rivals.map(times).join(' / ')}x`,
      floor: `${floors.map(times).join(' / ')}x`,
    },
    {
      row: `failure, spread from 1,000 to 100,000, ${window}`,
      figure: `${amount(spread * 100)} %`,
      ...judge(spread * 100, { most: 25, unit: ' %' }),
    },
  ];
};

const FLOOR = 'floor: .then, no throw + count ring';

const tableOf = (byHeld: readonly (readonly Figure[])[]) => ({
  title: 'Closed, failure, by how many calls the window already holds (x bare; ns)',
  head: ['column', ...HELD.map((held) => amount(held))],
  body: (byHeld[0] ?? []).map(({ name }) => [
    name,
    ...byHeld.map((figures) => {
      const { ratio, ns } = figureNamed(figures, name);
      return `${times(ratio)} (${amount(ns)})`;
    }),
  ]),
});

interface Failures {
  readonly held: number;
  readonly rounds: number;
}

/** In a process of its own: opossum keeps all calls of the window. */
export const failuresWith = async (
  { held, rounds }: Failures,
  note: Note,
): Promise<readonly Figure[]> => {
  const ours = await loadBuilt();
  // A single success is enough to keep it closed: all calls must have failed to open it.
  const withWindow = (window: WindowOptions) => executing(ours, { failureRate: 1, window });
  const makers: Readonly<Record<string, Maker>> = {
    bare: (operation) => () => operation(),
    ...Object.fromEntries(Object.entries(FLOORS).slice(0, 4)),
    'ours: count': withWindow({ kind: 'count', size: sizeFor(held) }),
    'ours: time 1 h': withWindow({ kind: 'time', durationMs: HOUR_MS }),
    ...patientPeers(sizeFor(held)),
  };
  const columns: Column[] = [];
  for (const [name, maker] of Object.entries(makers)) {
    note(`filling ${name}`);
    columns.push(held === 0 ? shortLived(name, maker) : await filled(name, maker, held));
  }
  return compare(columns, { rounds, note });
};

const filled = async (name: string, maker: Maker, held: number): Promise<Column> => {
  let operation = resolves;
  const call = maker(() => operation());
  for (let done = 0; done < held; done += 1) await call();
  operation = rejects;
  return { name, call: caught(call) };
};

/** Each breaker fails a few times and is thrown away. */
const shortLived = (name: string, maker: Maker): Column => ({
  name,
  call: () => undefined,
  calls: SHORT_LIFE * SHORT_LIVES,
  prepare: () => Array.from({ length: SHORT_LIVES }, () => maker(rejects)),
  callPrepared: async (prepared) => {
    for (const call of prepared as (() => Promise<unknown>)[]) {
      for (let turn = 0; turn < SHORT_LIFE; turn += 1) await caught(call)();
    }
  },
});
