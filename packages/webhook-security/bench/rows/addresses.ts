import { figureNamed, shareTable, times } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Table, type Verdict } from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { besideFloor, type Contender, type Share } from '@nestcms/bench/slices';
import {
  type AddressColumn,
  addressColumns,
  BLOCK_LIST,
  IPADDR,
  OUR_SET,
} from '../columns/address-sets.ts';
import { loadBuilt } from '../support/build.ts';
import { makeNetworks, type Networks } from '../support/networks.ts';

const FEW = 10;
const MANY = 1000;
const MOST = 100_000;
const BARS: Readonly<Record<number, number>> = { [FEW]: 2.2, [MANY]: 2.2, [MOST]: 4 };
const MEGABYTE = 1_000_000;
/** Addresses differ from each other: a slice looks at several, however long that takes. */
const FEWEST_LOOKUPS = 16;

interface Measured {
  readonly count: number;
  readonly shares: readonly Share[];
}

/** Whether an address lies in one of many networks. */
export const run = async ({ rounds, quick }: Settings, note: Note): Promise<Findings> => {
  const url = import.meta.url;
  const measured: Measured[] = [];
  for (const count of quick ? [FEW, MANY] : [FEW, MANY, MOST]) {
    const settings = { count, rounds };
    const countNote: Note = (progress) => note(`${amount(count)} networks: ${progress}`);
    const errand = { url, name: 'sharesAt', settings };
    measured.push({
      count,
      shares: await inChild<readonly Share[]>(errand, { note: countNote }),
    });
  }
  const builds: Built[] = [];
  for (const { name } of await columnsOf()) {
    note(`building ${name}`);
    builds.push(await inChild<Built>({ url, name: 'buildOf', settings: name }, { note }));
  }
  return {
    verdicts: [...measured.flatMap(lookupVerdicts), ...buildVerdicts(builds)],
    tables: [
      ...measured.map(({ count, shares }) =>
        shareTable(`Address in ${amount(count)} networks, x net.BlockList.check(text)`, shares),
      ),
      buildTable(builds),
    ],
  };
};

const columnsOf = async (): Promise<readonly AddressColumn[]> => [
  BLOCK_LIST,
  ...addressColumns(await loadBuilt()),
];

const lookupVerdicts = ({ count, shares }: Measured): Verdict[] => {
  const own = figureNamed(shares, OUR_SET).ratio;
  const overBlockList: Verdict = {
    row: `address in ${amount(count)} networks over net.BlockList`,
    figure: `${times(own)}x`,
    ...judge(own, { least: BARS[count] ?? 0, unit: 'x' }),
  };
  if (count !== FEW) return [overBlockList];
  const overIpaddr = own / figureNamed(shares, IPADDR).ratio;
  return [
    overBlockList,
    {
      row: `address in ${amount(count)} networks over ${IPADDR}`,
      figure: `${times(overIpaddr)}x`,
      ...judge(overIpaddr, { least: 12, unit: 'x' }),
    },
  ];
};

const buildVerdicts = (builds: readonly Built[]): Verdict[] => {
  const { seconds, heap } = figureNamed(builds, OUR_SET);
  return [
    {
      row: `${amount(MOST)} networks, time to build`,
      figure: `${seconds.toFixed(2)} s`,
      ...judge(seconds, { most: 0.5, unit: ' s' }),
    },
    {
      row: `${amount(MOST)} networks, memory`,
      figure: `${(heap / MEGABYTE).toFixed(2)} MB`,
      ...judge(heap / MEGABYTE, { most: 2, unit: ' MB' }),
    },
  ];
};

const buildTable = (builds: readonly Built[]): Table => ({
  title: `Building a set of ${amount(MOST)} networks`,
  head: ['column', 's', 'MB of heap and buffers', 'MB of the process'],
  body: builds.map(({ name, seconds, heap, resident }) => [
    name,
    seconds.toFixed(2),
    (heap / MEGABYTE).toFixed(2),
    (resident / MEGABYTE).toFixed(1),
  ]),
});

/** In a process of its own. */
export const sharesAt = async (
  { count, rounds }: { readonly count: number; readonly rounds: number },
  note: Note,
): Promise<readonly Share[]> => {
  note('making networks');
  const networks = makeNetworks(count);
  const contenders = addressColumns(await loadBuilt()).map((column) =>
    contenderOf(column, networks),
  );
  return besideFloor(contenderOf(BLOCK_LIST, networks), contenders, {
    rounds,
    note,
    fewestCalls: FEWEST_LOOKUPS,
  });
};

/** Asks for one address after the other. What gives a wrong answer has no figure. */
const contenderOf = (
  { name, build, ask }: AddressColumn,
  { rules, lookups }: Networks,
): Contender => {
  const asks = ask(build(rules), lookups);
  for (const [place, { address, isInside }] of lookups.entries()) {
    if (asks(place) !== isInside) throw new Error(`${name} is wrong about ${address}`);
  }
  let place = 0;
  return {
    name,
    call: () => {
      place = place + 1 === lookups.length ? 0 : place + 1;
      return asks(place);
    },
  };
};

interface Built {
  readonly name: string;
  readonly seconds: number;
  readonly heap: number;
  readonly resident: number;
}

/** In a process of its own. */
export const buildOf = async (name: string): Promise<Built> => {
  const column = figureNamed(await columnsOf(), name);
  const { rules, lookups } = makeNetworks(MOST);
  await collect();
  const heap = heapBytes();
  const { rss } = process.memoryUsage();
  const started = performance.now();
  const built = column.build(rules);
  const seconds = (performance.now() - started) / 1000;
  await collect();
  const found = {
    name,
    seconds,
    heap: heapBytes() - heap,
    resident: process.memoryUsage().rss - rss,
  };
  if (!column.ask(built, lookups)(0)) throw new Error(`${name} was built wrongly.`);
  return found;
};
