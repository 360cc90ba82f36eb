import { isPeer } from '@nestcms/bench/figures';
import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { MAKERS, type Made, type MakeBreaker, makersOf } from '../columns/makers.ts';
import { loadBuilt } from '../support/build.ts';

const MANY = 10_000;
const BATCHES = 20;
const MILLION = 1_000_000;
const MEGABYTE = 1_000_000;

interface Weight {
  readonly name: string;
  /** Bytes of a breaker never called, and of one called once. */
  readonly fresh: number;
  readonly used: number;
  /** Microseconds to make one. */
  readonly us: number;
}

/** What breakers weigh that nobody calls, and what it takes to make them. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const url = import.meta.url;
  const found: Weight[] = [];
  for (const name of MAKERS) {
    note(name);
    found.push(await inChild<Weight>({ url, name: 'weightOf', settings: name }, { note }));
  }
  note('a million breakers');
  const million = await inChild<Million>(
    { url, name: 'aMillion', settings: 'ours: count' },
    { note },
  );
  const peers = found.filter(isPeer);
  const lightest = peers.toSorted((a, b) => a.fresh - b.fresh)[0];
  const quickest = peers.toSorted((a, b) => a.us - b.us)[0];
  const bytes = ['ours: count', 'ours: time'].map((column): Verdict => {
    const { fresh } = weightNamed(found, column);
    return {
      row: `bytes per idle breaker, at 10,000, ${column.replace('ours: ', '')} window`,
      figure: `${amount(fresh)} B`,
      ...judge(fresh, { most: 500, unit: ' B' }),
      rival: lightest && `${amount(lightest.fresh)} B ${lightest.name}`,
    };
  });
  const make: Verdict = {
    row: 'time to make one',
    figure: `${amount(weightNamed(found, 'ours: count').us)} us`,
    bar: '',
    met: undefined,
    rival: quickest && `${amount(quickest.us)} us ${quickest.name}`,
  };
  return {
    verdicts: [...bytes, ...millionVerdicts(million), make],
    tables: [
      {
        title: 'Idle breakers, at 10,000',
        head: ['column', 'bytes, never called', 'bytes, called once', 'us to make one'],
        body: found.map(({ name, fresh, used, us }) => [
          name,
          amount(fresh),
          amount(used),
          amount(us),
        ]),
      },
    ],
  };
};

const millionVerdicts = ({ heap, resident, seconds }: Million): Verdict[] => [
  {
    row: 'a million breakers, memory of the process over an empty one',
    figure: `${amount(resident / MEGABYTE)} MB (heap ${amount(heap / MEGABYTE)} MB)`,
    ...judge(resident / MEGABYTE, { most: 600, unit: ' MB' }),
  },
  {
    row: 'a million breakers, time to make',
    figure: `${amount(seconds)} s`,
    ...judge(seconds, { most: 3, unit: ' s' }),
  },
];

const weightNamed = (found: readonly Weight[], name: string): Weight => {
  const weight = found.find((each) => each.name === name);
  if (weight === undefined) throw new Error(`No column '${name}'.`);
  return weight;
};

const makerNamed = async (name: string): Promise<MakeBreaker> => {
  const make = makersOf(await loadBuilt())[name];
  if (make === undefined) throw new Error(`No column '${name}'.`);
  return make;
};

/** In a process of its own. */
export const weightOf = async (name: string): Promise<Weight> => {
  const make = await makerNamed(name);
  for (let number = 0; number < 1000; number += 1) await make(number).call();
  await collect();
  const empty = heapBytes();
  const times: number[] = [];
  const fresh: object[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const started = performance.now();
    const size = MANY / BATCHES;
    for (let number = 0; number < size; number += 1) {
      fresh.push(make(MANY + batch * size + number).breaker);
    }
    times.push(((performance.now() - started) * 1000) / size);
  }
  const us = median(times);
  await collect();
  const freshBytes = (heapBytes() - empty) / MANY;
  // How a breaker is called is kept as well; what that adds is taken off again.
  const used: Made[] = [];
  await collect();
  const before = heapBytes();
  for (let number = 0; number < MANY; number += 1) used.push(make(2 * MANY + number));
  await collect();
  const uncalled = heapBytes();
  for (const { call } of used) await call();
  await collect();
  const called = heapBytes();
  if (fresh.length + used.length !== 2 * MANY || before < empty)
    throw new Error('Something was lost.');
  return { name, fresh: freshBytes, used: freshBytes + (called - uncalled) / MANY, us };
};

interface Million {
  readonly heap: number;
  readonly resident: number;
  readonly seconds: number;
}

/** In a process of its own. */
export const aMillion = async (name: string): Promise<Million> => {
  const make = await makerNamed(name);
  for (let number = 0; number < 1000; number += 1) make(number);
  await collect();
  const made = Array.from<object>({ length: MILLION });
  const heap = heapBytes();
  const { rss } = process.memoryUsage();
  const started = performance.now();
  for (let number = 0; number < MILLION; number += 1) made[number] = make(number).breaker;
  const seconds = (performance.now() - started) / 1000;
  await collect();
  const resident = process.memoryUsage().rss - rss;
  if (made.length !== MILLION) throw new Error('Something was lost.');
  return { heap: heapBytes() - heap, resident, seconds };
};
