import { fork } from 'node:child_process';
import { once } from 'node:events';
import { compare } from '@nestcms/bench/compare';
import { figureNamed } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Table, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { type Call, ours, payTabsPt2, rawUndici, stripeNode } from '../columns/clients.ts';
import { loadBuilt } from '../support/build.ts';

/** Times of the raw request that a call of ours may take. */
const BAR = 1.15;

/** A request and its answer, one at a time and 64 at a time, against a server that does nothing else. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const server = fork(new URL('../support/server.ts', import.meta.url), { execArgv: [] });
  const [port] = (await once(server, 'message')) as [number];
  const origin = `http://127.0.0.1:${port}`;
  try {
    const raw = rawUndici(origin);
    const own = ours(await loadBuilt(), origin);
    const vendors = payTabsPt2(origin);
    const kinds: readonly (readonly [string, Readonly<Record<string, Call>>])[] = [
      [
        'refund',
        {
          'raw undici': raw.refund,
          ours: own.refund,
          paytabs_pt2: vendors.refund,
          'stripe-node': stripeNode(origin).refund,
        },
      ],
      ['query', { 'raw undici': raw.query, ours: own.query, paytabs_pt2: vendors.query }],
    ];
    const found: Findings[] = [];
    for (const [kind, calls] of kinds) {
      for (const atOnce of [1, 64]) found.push(await side(kind, calls, { atOnce, rounds, note }));
    }
    return {
      verdicts: found.flatMap(({ verdicts }) => verdicts),
      tables: found.flatMap(({ tables }) => tables),
    };
  } finally {
    server.kill();
  }
};

async function side(
  kind: string,
  calls: Readonly<Record<string, Call>>,
  { atOnce, rounds, note }: { atOnce: number; rounds: number; note: Note },
): Promise<Findings> {
  const columns = Object.entries(calls).map(([name, call]) => ({
    name,
    call: atOnce === 1 ? call : () => Promise.all(Array.from({ length: atOnce }, call)),
    calls: atOnce,
  }));
  const figures = await compare(columns, { rounds, note, sampleMs: 120 });
  const { ratio } = figureNamed(figures, 'ours');
  const title = `${kind}, ${atOnce} at a time`;
  const verdict: Verdict = {
    row: title,
    figure: `${ratio.toFixed(2)}x`,
    ...judge(ratio, { most: BAR, unit: 'x' }),
    rival: `${figureNamed(figures, 'paytabs_pt2').ratio.toFixed(2)}x paytabs_pt2`,
  };
  const table: Table = {
    title: `${title}: times of a raw undici request`,
    head: ['client', 'times raw', 'from', 'to', 'us a call'],
    body: figures.map(({ name, ratio: times, lowest, highest, ns }) => [
      name,
      times.toFixed(2),
      lowest.toFixed(2),
      highest.toFixed(2),
      amount(ns / 1_000),
    ]),
  };
  return { verdicts: [verdict], tables: [table] };
}
