import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { isFit, PEERS } from '../columns/peers.ts';
import { type CrowdResult, type FleetOrders, OURS } from '../support/fleet-member.ts';
import { startWorker } from '../support/processes.ts';
import { connectTo, testbed } from '../support/servers.ts';

const PROCESSES = 4;
/** In each process. */
const CALLERS = 250;
const CALLERS_OF_FAILING = 25;
const SOURCE_MS = 50;
const WARM_ROUNDS = 30;
const WARM_MS = 4_000;
const MOST_OVER_MS = 10;
const MOST_OVER_FAILED_MS = 5;
const MEMBER = new URL('../support/fleet-member.ts', import.meta.url).href;

interface Found {
  readonly cache: string;
  readonly loads: number;
  readonly overMs: number;
  readonly rejected: number;
}

/** Callers in four processes for one question that nobody has the answer to. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const server = await testbed.startRedis();
  const redis = connectTo(server.url);
  try {
    const sides: Found[][] = [];
    for (const fails of [false, true]) {
      const side: Found[] = [];
      for (const cache of [OURS, ...Object.keys(PEERS).filter(isFit)]) {
        note(`${cache}${fails ? ', failing source' : ''}`);
        // Some peers use the same names, and all use them again when the source fails.
        await redis.flushall();
        side.push(
          await stampede({ cache, redisUrl: server.url, sourceMs: SOURCE_MS, fails }, rounds),
        );
      }
      sides.push(side);
    }
    const [good = [], failing = []] = sides;
    const crowd = `${amount(PROCESSES * CALLERS)} callers in ${PROCESSES} processes`;
    const failed = `${PROCESSES * CALLERS_OF_FAILING} callers in ${PROCESSES} processes, failing source`;
    return {
      verdicts: [
        ...verdictsOf(crowd, good, MOST_OVER_MS),
        ...verdictsOf(failed, failing, MOST_OVER_FAILED_MS),
      ],
      tables: [table(crowd, good), table(failed, failing)],
    };
  } finally {
    redis.disconnect();
    await server.stop();
  }
};

const stampede = async (orders: FleetOrders, rounds: number): Promise<Found> => {
  const workers = Array.from({ length: PROCESSES }, () => startWorker(MEMBER));
  const callers = orders.fails ? CALLERS_OF_FAILING : CALLERS;
  const crowd = (id: number) =>
    Promise.all(workers.map((worker) => worker.ask<CrowdResult>('crowd', { id, callers })));
  try {
    await Promise.all(workers.map((worker) => worker.ask('open', orders)));
    // For other questions, so that code and connections are as warm as in a service that runs.
    const warm = performance.now() + WARM_MS;
    for (let id = -1; id >= -WARM_ROUNDS && performance.now() < warm; id -= 1) {
      await crowd(id);
    }
    const all: CrowdResult[][] = [];
    for (let round = 1; round <= rounds; round += 1) all.push(await crowd(round));
    const sum = (results: readonly CrowdResult[], of: 'loads' | 'rejected') =>
      results.reduce((total, result) => total + result[of], 0);
    const over = (results: readonly CrowdResult[]) =>
      Math.max(...results.map(({ slowestMs }) => slowestMs)) -
      Math.max(...results.map(({ loadMs }) => loadMs));
    return {
      cache: orders.cache,
      loads: median(all.map((results) => sum(results, 'loads'))),
      overMs: median(all.map(over)),
      rejected: median(all.map((results) => sum(results, 'rejected'))),
    };
  } finally {
    for (const worker of workers) worker.end();
  }
};

const verdictsOf = (what: string, [own, ...peers]: readonly Found[], most: number): Verdict[] => {
  const rival = peers.toSorted((one, other) => one.loads - other.loads)[0];
  const fastest = peers.toSorted((one, other) => one.overMs - other.overMs)[0];
  const { loads = Number.NaN, overMs = Number.NaN } = own ?? {};
  return [
    {
      row: `loads for ${what}`,
      figure: amount(loads),
      ...judge(loads, { most: 1 }),
      rival: rival && `${amount(rival.loads)} ${rival.cache}`,
    },
    {
      row: `slowest of ${what}, over the load`,
      figure: `${amount(overMs)} ms`,
      ...judge(Math.max(0, overMs), { most, unit: ' ms' }),
      rival: fastest && `${amount(fastest.overMs)} ms ${fastest.cache}`,
    },
  ];
};

const table = (title: string, found: readonly Found[]) => ({
  title,
  head: ['cache', 'loads', 'slowest over the load, ms', 'rejected'],
  body: found.map(({ cache, loads, overMs, rejected }) => [
    cache,
    amount(loads),
    amount(overMs),
    amount(rejected),
  ]),
});
