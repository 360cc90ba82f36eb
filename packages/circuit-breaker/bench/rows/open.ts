import { compare } from '@nestcms/bench/compare';
import { figureTable, type RatioRow, ratioVerdicts } from '@nestcms/bench/figures';
import type { Findings } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { OPEN_FLOORS } from '../columns/open-floors.ts';
import { caught, resolves } from '../columns/operations.ts';
import { breakerOf } from '../columns/ours.ts';
import { openPeers } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';

const ROWS: readonly RatioRow[] = [
  {
    row: 'open rejection, default',
    column: 'ours: default',
    most: 6.5,
    floor: 'floor: shared error thrown one microtask later',
  },
  {
    row: 'open rejection, shared promise',
    column: 'ours: shared promise',
    most: 1.5,
    floor: 'floor: one rejected promise handed to all',
  },
];

const HOUR_MS = 3_600_000;

/** An open breaker: its rejection is caught by the caller; the bare call succeeds. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const opened = (sharedRejection: boolean) => {
    const breaker = breakerOf(ours, { sharedRejection, openForMs: HOUR_MS });
    breaker.trip();
    return () => breaker.execute(resolves);
  };
  const calls = {
    bare: resolves,
    ...OPEN_FLOORS,
    'ours: default': opened(false),
    'ours: shared promise': opened(true),
    ...(await openPeers(resolves)),
  };
  await mustReject(calls);
  const columns = Object.entries(calls).map(([name, call]) => ({
    name,
    call: name === 'bare' ? call : caught(call),
  }));
  const figures = await compare(columns, { rounds, note });
  return {
    verdicts: ratioVerdicts(ROWS, figures),
    tables: [
      figureTable('Open, rejection caught by the caller (bare: a call that succeeds)', figures),
    ],
  };
};

/** A breaker that lets calls through would look very fast. */
const mustReject = async (
  calls: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> => {
  for (const [name, call] of Object.entries(calls)) {
    if (name === 'bare') continue;
    const rejected = await call().then(
      () => false,
      () => true,
    );
    if (!rejected) throw new Error(`${name} is not open`);
  }
};
