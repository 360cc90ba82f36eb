import { createHook } from 'node:async_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { sideBySide } from '@nestcms/bench/side-by-side';
import { MAKERS, makersOf } from '../columns/makers.ts';
import { loadBuilt } from '../support/build.ts';

const MANY = 10_000;
const FEW = 1000;
/** Milliseconds in which everything has come to rest that does so. */
const REST_MS = 500;
const WATCH_MS = 1000;
const WATCHES = 3;
const NOTHING = 'no breaker';

interface Life {
  readonly name: string;
  /** Timers of a breaker at rest, whether or not they keep the process alive. */
  readonly timers: number;
  /** Share of a processor that 10,000 breakers at rest take. */
  readonly share: number;
  /** Of 1,000 dropped breakers, how many are still there, and bytes each that stay. */
  readonly alive: number;
  readonly stays: number;
}

/** What breakers do while nobody calls them, and whether they go when nobody holds them. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const url = import.meta.url;
  // They sleep for most of the time, and their processor time is counted for each on its own.
  const found = await sideBySide([NOTHING, ...MAKERS], 4, (name) => {
    note(name);
    return inChild<Life>({ url, name: 'lifeOf', settings: name }, { note });
  });
  note('timers while active');
  const active = await inChild<Active>(
    { url, name: 'timersWhileActive', settings: undefined },
    { note },
  );
  const own = found.filter(({ name }) => name.startsWith('ours'));
  const timers = Math.max(...own.map((life) => life.timers)) * MANY;
  const share = Math.max(...own.map((life) => life.share)) * 100;
  const alive = Math.max(...own.map((life) => life.alive));
  const empty = found.find(({ name }) => name === NOTHING);
  const verdicts: Verdict[] = [
    {
      row: 'timers held by 10,000 idle breakers',
      figure: amount(timers),
      ...judge(timers, { most: 0 }),
    },
    {
      row: 'timers per process while active',
      figure: `${active.timers} (${active.listed} listed by Node)`,
      ...judge(active.timers, { most: 1 }),
    },
    {
      row: 'timers per process after the last call',
      figure: amount(active.left),
      ...judge(active.left, { most: 0 }),
    },
    {
      row: 'processor share of 10,000 idle breakers',
      figure: `${amount(share)} %`,
      ...judge(share, { most: 0.1, unit: ' %' }),
      floor: empty && `${amount(empty.share * 100)} % (no breaker)`,
    },
    {
      row: 'breakers of 1,000 not freed when dropped without a shutdown',
      figure: amount(alive),
      ...judge(alive, { most: 0 }),
    },
  ];
  return {
    verdicts,
    tables: [
      {
        title: 'Breakers that nobody calls, or holds',
        head: [
          'column',
          'timers each',
          'processor share of 10,000',
          'of 1,000 dropped stay',
          'bytes each',
        ],
        body: found.map((life) => [
          life.name,
          amount(life.timers),
          `${amount(life.share * 100)} %`,
          amount(life.alive),
          amount(life.stays),
        ]),
      },
    ],
  };
};

/** Counts all timers of the process; Node's own list leaves out those that do not keep it alive. */
const countTimers = (): (() => Promise<number>) => {
  const live = new Set<number>();
  createHook({
    init(id, type) {
      if (type === 'Timeout') live.add(id);
    },
    destroy(id) {
      live.delete(id);
    },
  }).enable();
  return async () => {
    // That a timer is gone is told some turns of the event loop later.
    for (let turns = 0; turns < 3; turns += 1) await turn();
    return live.size;
  };
};

/** In a process of its own. */
export const lifeOf = async (name: string): Promise<Life> => {
  const make = makersOf(await loadBuilt())[name];
  const { alive, stays } = make === undefined ? { alive: 0, stays: 0 } : await dropped(make);
  await sleep(REST_MS);
  const timers = countTimers();
  const made = [];
  for (let number = 0; make !== undefined && number < MANY; number += 1) made.push(make(number));
  for (const { call } of made) await call();
  await sleep(REST_MS);
  const held = await timers();
  await collect();
  await sleep(REST_MS);
  const shares: number[] = [];
  for (let watch = 0; watch < WATCHES; watch += 1) shares.push(await processorShare());
  const share = median(shares);
  if (make !== undefined && made.length !== MANY) throw new Error('Something was lost.');
  return { name, timers: held / MANY, share, alive, stays };
};

const processorShare = async (): Promise<number> => {
  const started = performance.now();
  const before = process.cpuUsage();
  await sleep(WATCH_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - started);
};

const dropped = async (
  make: (number: number) => { breaker: object; call: () => Promise<unknown> },
): Promise<{ alive: number; stays: number }> => {
  const round = async (): Promise<WeakRef<object>[]> => {
    const references: WeakRef<object>[] = [];
    for (let number = 0; number < FEW; number += 1) {
      const { breaker, call } = make(number);
      await call();
      references.push(new WeakRef(breaker));
    }
    return references;
  };
  await round();
  await sleep(REST_MS);
  await collect();
  const before = heapBytes();
  const references = await round();
  await sleep(REST_MS);
  await collect();
  const alive = references.filter((reference) => reference.deref() !== undefined).length;
  references.length = 0;
  await collect();
  return { alive, stays: (heapBytes() - before) / FEW };
};

interface Active {
  readonly timers: number;
  readonly listed: number;
  readonly left: number;
}

/** In a process of its own: many breakers and time limits, of several lengths, in the middle of calls. */
export const timersWhileActive = async (): Promise<Active> => {
  const ours = await loadBuilt();
  const timers = countTimers();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const running: Promise<unknown>[] = [];
  const makers = makersOf(ours);
  for (let number = 0; number < FEW; number += 1) {
    const breaker = new ours.CircuitBreaker({
      name: `breaker ${number}`,
      window: { kind: 'time' },
    });
    const timeoutMs = 1000 + (number % 10) * 1000;
    running.push(ours.pipeline([breaker, ours.timeout({ timeoutMs })]).execute(() => ended));
    await makers['ours: time']?.(number).call();
  }
  const most = await timers();
  const listed = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
  end();
  await Promise.all(running);
  await sleep(REST_MS);
  return { timers: most, listed, left: await timers() };
};
