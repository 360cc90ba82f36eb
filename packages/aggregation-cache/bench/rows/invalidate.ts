import { amount, type Findings, judge, quantile, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { isFit, PEERS } from '../columns/peers.ts';
import { type FleetOrders, OURS } from '../support/fleet-member.ts';
import { sharedNow, startWorker, type Worker } from '../support/processes.ts';
import { connectTo, testbed } from '../support/servers.ts';

const TRIES_A_ROUND = 12;
const MOST_MS = 1_500;
const MOST_TIMES = 2;
const MOST_CUT_MS = 1_000;
const CUT_TRIES = 3;
const MEMBER = new URL('../support/fleet-member.ts', import.meta.url).href;
const FLOOR = 'floor: one publish to one subscriber';

interface Found {
  readonly name: string;
  readonly times: readonly number[];
}

/** From an invalidation until another process answers new rows. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const server = await testbed.startRedis();
  const line = await testbed.startFaultProxy({ target: server });
  try {
    const orders = { redisUrl: server.url, sourceMs: 0, fails: false };
    const tries = rounds * TRIES_A_ROUND;
    const found: Found[] = [await floorTimes(server.url, tries)];
    for (const cache of [OURS, ...Object.keys(PEERS).filter(isFit)]) {
      note(cache);
      // A cache without a bus never gets there: once is enough to see it.
      found.push(await timesOf({ ...orders, cache }, tries));
    }
    note('bus cut');
    const cut = await timesOf(
      { ...orders, cache: OURS, messagesUrl: line.url('redis') },
      CUT_TRIES,
      {
        before: () => line.freeze(),
        after: () => line.heal(),
      },
    );
    const p50 = (times: readonly number[]) => quantile(times, 0.5);
    const [floor, own, ...peers] = found;
    const ratio = p50(own?.times ?? []) / p50(floor?.times ?? []);
    const rival = peers
      .filter(({ times }) => times.length > 0)
      .toSorted((one, other) => p50(one.times) - p50(other.times))[0];
    const longest = cut.times.length < CUT_TRIES ? MOST_MS : Math.max(...cut.times);
    const verdicts: Verdict[] = [
      {
        row: 'invalidation seen elsewhere, p50 against one publish',
        figure: `${ratio.toFixed(2)}x`,
        ...judge(ratio, { most: MOST_TIMES, unit: 'x' }),
        rival: rival && `${(p50(rival.times) / p50(floor?.times ?? [])).toFixed(2)}x ${rival.name}`,
        floor: `${amount(p50(floor?.times ?? []))} ms`,
      },
      {
        row: 'the same with the bus cut, longest',
        figure: `${amount(longest)} ms`,
        ...judge(longest, { most: MOST_CUT_MS, unit: ' ms' }),
      },
    ];
    const body = [...found, { ...cut, name: 'ours, bus cut' }].map(({ name, times }) => [
      name,
      times.length === 0 ? 'never' : amount(p50(times)),
      times.length === 0 ? '' : amount(quantile(times, 0.95)),
    ]);
    const head = ['cache', 'p50, ms', 'p95, ms'];
    return { verdicts, tables: [{ title: 'Invalidation seen by another process', head, body }] };
  } finally {
    await line.stop();
    await server.stop();
  }
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Long enough for the other process to be at its loop. */
const SETTLED_MS = 30;

const floorTimes = async (url: string, tries: number): Promise<Found> => {
  const worker = startWorker(MEMBER);
  const redis = connectTo(url);
  const times: number[] = [];
  try {
    await worker.ask('hear', url);
    for (let made = 0; made <= tries; made += 1) {
      const heard = worker.ask<number>('untilMessage');
      await pause(SETTLED_MS);
      const started = sharedNow();
      await redis.publish('floor', 'x');
      times.push((await heard) - started);
    }
  } finally {
    worker.end();
    redis.disconnect();
  }
  return { name: FLOOR, times: times.slice(1) };
};

interface Around {
  readonly before: () => Promise<void>;
  readonly after: () => Promise<void>;
}

const timesOf = async (orders: FleetOrders, tries: number, around?: Around): Promise<Found> => {
  const { messagesUrl: _, ...direct } = orders;
  const writer = startWorker(MEMBER);
  const reader = startWorker(MEMBER);
  const times: number[] = [];
  try {
    await Promise.all([writer.ask('open', direct), reader.ask('open', orders)]);
    await pause(10 * SETTLED_MS);
    for (let made = 0; made <= tries; made += 1) {
      const ms = await oneTry(writer, reader, around);
      // The first is there to warm up, and a bus may not be heard yet.
      if (ms === undefined && made > 0) break;
      times.push(ms ?? MOST_MS);
    }
  } finally {
    writer.end();
    reader.end();
  }
  return { name: orders.cache, times: times.slice(1) };
};

const oneTry = async (writer: Worker, reader: Worker, around?: Around) => {
  await writer.ask('read', 1);
  const seen = reader.ask<number | undefined>('untilReloaded', { id: 1, mostMs: MOST_MS });
  await pause(SETTLED_MS);
  await around?.before();
  const started = await writer.ask<number>('invalidate', 1);
  const seenAt = await seen;
  await around?.after();
  if (around !== undefined) await pause(20 * SETTLED_MS);
  return seenAt === undefined ? undefined : seenAt - started;
};
