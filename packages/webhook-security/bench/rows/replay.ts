import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import type { FullStore, Kind } from '../support/full-store.ts';

const ENTRIES = 1_000_000;
const QUICK_ENTRIES = 50_000;
const MEGABYTE = 1_000_000;
const KINDS: readonly Kind[] = ['signed ids', 'digests'];

/** The replay store in memory with a million deliveries. */
export const run = async ({ quick }: Settings, note: Note): Promise<Findings> => {
  const entries = quick ? QUICK_ENTRIES : ENTRIES;
  const { href: url } = new URL('../support/full-store.ts', import.meta.url);
  const found: FullStore[] = [];
  for (const kind of KINDS) {
    const errand = { url, name: 'fullStore', settings: { kind, entries } };
    found.push(await inChild<FullStore>(errand, { note }));
  }
  return {
    verdicts: quick ? [] : found.flatMap(verdictsOf),
    tables: [
      {
        title: `The replay store in memory with ${amount(entries)} deliveries, by what they are known by`,
        head: ['known by', 'MB', 'bytes each', 's to fill, signing and checking included'],
        body: found.map(({ kind, bytes, fillSeconds }) => [
          kind,
          amount(bytes / MEGABYTE),
          amount(bytes / entries),
          fillSeconds.toFixed(1),
        ]),
      },
      {
        title: 'One operation of it, us, collections of garbage included',
        head: ['operation', 'median', 'p99.9', 'slowest'],
        body: found.flatMap(({ kind, operations }) =>
          operations.map(({ name, us, p999, slowest }) => [
            `${name}, ${kind}`,
            amount(us),
            amount(p999),
            amount(slowest),
          ]),
        ),
      },
    ],
  };
};

const verdictsOf = ({ kind, bytes, operations }: FullStore): Verdict[] => {
  const worst = Math.max(...operations.map(({ p999 }) => p999));
  return [
    {
      row: `memory replay store, 1,000,000 ${kind}`,
      figure: `${amount(bytes / MEGABYTE)} MB`,
      ...judge(bytes / MEGABYTE, { most: 96, unit: ' MB' }),
    },
    {
      row: `memory replay store, p99.9 of its slowest operation, ${kind}`,
      figure: `${amount(worst)} us`,
      ...judge(worst, { most: 50, unit: ' us' }),
    },
  ];
};
