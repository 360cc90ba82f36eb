import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { isFit, PEERS } from '../columns/peers.ts';
import { type CrowdResult, type FleetOrders, OURS } from '../support/fleet-member.ts';
import { startWorker } from '../support/processes.ts';
import { connectTo, testbed } from '../support/servers.ts';

const PROCESSES = 4;
const CALLERS = 250;
const SOURCE_MS = 50;
const MOST_OVER_MS = 10;
const MOST_OVER_FAILED_MS = 5;
const MEMBER = new URL('../support/fleet-member.ts', import.meta.url).href;

interface Found {
  readonly cache: string;
  readonly loads: number;
  readonly overMs: number;
  readonly rejected: number;
}

/** 1,000 callers in four processes for one question that nobody has the answer to. */
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
    return {
      verdicts: [
        ...verdictsOf('', good, MOST_OVER_MS),
        ...verdictsOf(', failing source', failing, MOST_OVER_FAILED_MS),
      ],
      tables: [
        table('1,000 callers in 4 processes', good),
        table('The same, the source fails', failing),
      ],
    };
  } finally {
    redis.disconnect();
    await server.stop();
  }
};

const stampede = async (orders: FleetOrders, rounds: number): Promise<Found> => {
  const workers = Array.from({ length: PROCESSES }, () => startWorker(MEMBER));
  try {
    await Promise.all(workers.map((worker) => worker.ask('open', orders)));
    // Once for another question, so that code and connections are warm.
    await Promise.all(workers.map((worker) => worker.ask('crowd', { id: 0, callers: CALLERS })));
    const all: CrowdResult[][] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const asked = workers.map((worker) =>
        worker.ask<CrowdResult>('crowd', { id: round, callers: CALLERS }),
      );
      all.push(await Promise.all(asked));
    }
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
      row: `loads for 1,000 callers in 4 processes${what}`,
      figure: amount(loads),
      ...judge(loads, { most: 1 }),
      rival: rival && `${amount(rival.loads)} ${rival.cache}`,
    },
    {
      row: `slowest of them over the load${what}`,
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
