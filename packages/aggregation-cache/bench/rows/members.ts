import { amount, type Findings, judge, median, quantile } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import type { ReplicaSet } from '@nestcms/testbed';
import { MongoClient, ReadPreference } from 'mongodb';
import type { AggregationCacheOptions } from '../../src/index.js';
import { loadBuilt } from '../support/build.ts';
import { testbed } from '../support/servers.ts';

const SLOW_MS = 1_500;
const HEDGE_DELAY_MS = 50;
const CALLERS = 8;
const SLOW_FOR_MS = 8_000;
const MOST_EXTRA = 5;
const MOST_UNTIL_OPEN_MS = 1_000;
const POOL_SIZE = 10;
const SHARE = 0.5;
const CROWD = 40;
const KILLED_FOR_MS = 4_000;
const TAGS = { replica: 'replica1' };

/** A wanted member that becomes slow, and one that is killed, on a real replica set. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  note('starting a replica set');
  const set = await testbed.startReplicaSet({ proxied: true, failover: false });
  try {
    await fill(set);
    note('a slow member, by the driver alone');
    const driver = await slowDriver(set);
    note('a slow member');
    const slow = await slowMember(set);
    note('a member that is killed');
    const killed = await killedMember(set);
    const bar = HEDGE_DELAY_MS + 2 * slow.healthyMs;
    return {
      verdicts: [
        {
          row: `p99 with a member slow by ${amount(SLOW_MS)} ms`,
          figure: `${amount(slow.p99)} ms`,
          ...judge(slow.p99, { most: bar, unit: ' ms' }),
          floor: `${amount(driver)} ms driver, p50`,
        },
        {
          row: 'extra reads for it',
          figure: `${amount(100 * slow.extra)} %`,
          ...judge(100 * slow.extra, { most: MOST_EXTRA, unit: ' %' }),
        },
        {
          row: 'until its breaker opens',
          figure: `${amount(slow.openAfterMs)} ms`,
          ...judge(slow.openAfterMs, { most: MOST_UNTIL_OPEN_MS, unit: ' ms' }),
        },
        {
          row: 'reads that failed, the wanted member killed',
          figure: amount(killed.failed),
          ...judge(killed.failed, { most: 0 }),
        },
        {
          row: "of the primary's connections they took at most",
          figure: `${amount((100 * killed.mostAtOnce) / POOL_SIZE)} %`,
          ...judge((100 * killed.mostAtOnce) / POOL_SIZE, { most: 100 * SHARE, unit: ' %' }),
        },
      ],
      tables: [
        {
          title: 'Reads of a wanted member',
          head: ['', 'reads', 'p50, ms', 'p99, ms'],
          body: [
            ['healthy', amount(slow.healthyReads), amount(slow.healthyMs), amount(slow.healthyP99)],
            [
              `slow by ${amount(SLOW_MS)} ms`,
              amount(slow.reads),
              amount(slow.p50),
              amount(slow.p99),
            ],
            [
              'killed, by the primary',
              amount(killed.reads),
              amount(killed.p50),
              amount(killed.p99),
            ],
          ],
        },
      ],
    };
  } finally {
    await set.stop();
  }
};

const fill = async (set: ReplicaSet): Promise<void> => {
  const client = new MongoClient(set.uri);
  await client.db('shop').collection<{ _id: number }>('values').insertOne({ _id: 1 });
  await set.waitUntilCaughtUp();
  await client.close();
};

/** What is asked is another question each time, so that no tier answers. */
const openReads = async (
  set: ReplicaSet,
  wishes: { readonly members: readonly Record<string, string>[]; readonly hedgeDelayMs?: number },
  options: Partial<AggregationCacheOptions>,
) => {
  const { AggregationCache, definePipelineClass } = await loadBuilt('index');
  const client = new MongoClient(set.uri, { monitorCommands: true, maxPoolSize: POOL_SIZE });
  const cache = new AggregationCache({ client, database: 'shop', ...options });
  const values = definePipelineClass<{ salt: number }>({
    name: 'values',
    collection: 'values',
    pipeline: ({ salt }) => [{ $match: { _id: 1 } }, { $set: { salt: { $literal: salt } } }],
    ...wishes,
  });
  await cache.ready([values]);
  let salt = 0;
  const times: number[] = [];
  let failed = 0;
  const read = async () => {
    salt += 1;
    const started = performance.now();
    await cache.read(values, { salt }).catch(() => {
      failed += 1;
    });
    times.push(performance.now() - started);
  };
  const during = async (callers: number, ms: number) => {
    times.length = 0;
    const until = performance.now() + ms;
    const caller = async () => {
      while (performance.now() < until) await read();
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return [...times];
  };
  const close = async () => {
    await cache.close();
    await client.close();
  };
  return { client, cache, during, close, failed: () => failed };
};

const slowDriver = async (set: ReplicaSet): Promise<number> => {
  const client = new MongoClient(set.uri);
  const options = { readPreference: new ReadPreference('secondary', [TAGS]) };
  const read = () => client.db('shop').collection('values').aggregate([], options).toArray();
  await read();
  await set.members.replica1.proxy.delay({ latencyMs: SLOW_MS });
  const times: number[] = [];
  for (let made = 0; made < 3; made += 1) {
    const started = performance.now();
    await read();
    times.push(performance.now() - started);
  }
  await set.members.replica1.proxy.heal();
  await client.close();
  return median(times);
};

const slowMember = async (set: ReplicaSet) => {
  const { cache, during, close } = await openReads(
    set,
    { members: [TAGS, { replica: 'replica2' }], hedgeDelayMs: HEDGE_DELAY_MS },
    {},
  );
  const member = () =>
    cache.stats().members.find(({ address }) => address === set.members.replica1.address);
  await during(CALLERS, 1_000);
  const healthy = await during(CALLERS, 2_000);
  const askedBefore = extraOf(cache);
  await set.members.replica1.proxy.delay({ latencyMs: SLOW_MS });
  const started = performance.now();
  let openAfterMs = Number.POSITIVE_INFINITY;
  const watching = setInterval(() => {
    if (member()?.breaker === 'open')
      openAfterMs = Math.min(openAfterMs, performance.now() - started);
  }, 5);
  const times = await during(CALLERS, SLOW_FOR_MS);
  clearInterval(watching);
  const extra = (extraOf(cache) - askedBefore) / times.length;
  await set.members.replica1.proxy.heal();
  await close();
  return {
    healthyReads: healthy.length,
    healthyMs: median(healthy),
    healthyP99: quantile(healthy, 0.99),
    reads: times.length,
    p50: median(times),
    p99: quantile(times, 0.99),
    extra,
    openAfterMs,
  };
};

const extraOf = (cache: Awaited<ReturnType<typeof openReads>>['cache']): number =>
  cache.stats().members.reduce((sum, { hedged }) => sum + hedged, 0);

/** Nobody but the primary is left for its reads, while others are alive. */
const killedMember = async (set: ReplicaSet) => {
  const { client, during, close, failed } = await openReads(
    set,
    { members: [TAGS] },
    { primaryShare: SHARE },
  );
  await during(CROWD, 1_000);
  let atOnce = 0;
  let mostAtOnce = 0;
  const ofReads = new Set<number>();
  client.on('commandStarted', ({ address, commandName, requestId }) => {
    if (commandName !== 'aggregate' || address !== set.members.primary.address) return;
    ofReads.add(requestId);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
  });
  const ended = ({ requestId }: { readonly requestId: number }) => {
    if (ofReads.delete(requestId)) atOnce -= 1;
  };
  client.on('commandSucceeded', ended);
  client.on('commandFailed', ended);
  const reading = during(CROWD, KILLED_FOR_MS);
  await set.members.replica1.kill();
  const times = await reading;
  await close();
  return {
    reads: times.length,
    failed: failed(),
    mostAtOnce,
    p50: median(times),
    p99: quantile(times, 0.99),
  };
};
