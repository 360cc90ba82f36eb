import { amount, type Findings, judge, median } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { MongoClient } from 'mongodb';
import { loadBuilt } from '../support/build.ts';
import { testbed } from '../support/servers.ts';

const USERS = 500;
const PROJECTS = 400;
const CONTRACTS = 2_000;
const PAYMENTS_EACH = 10;
const DOCUMENTS = USERS + PROJECTS + CONTRACTS * (1 + PAYMENTS_EACH);
const READS_A_ROUND = 50;
/** So many contracts are read before, so that the code is as it is in a service that runs. */
const WARMED_UP_BY = 1_000;
const LEAST_TIMES = 20;

/** What the page of a contract shows, on a real replica set: kept, against asked for. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  note('starting a replica set');
  const set = await testbed.startReplicaSet();
  const client = new MongoClient(set.uri);
  try {
    const database = client.db('shop');
    await fill(client);
    const { AggregationCache, definePipelineClass } = await loadBuilt('index');
    const cache = new AggregationCache({ client, database: 'shop' });
    const details = definePipelineClass<{ id: number }>({
      name: 'contractDetails',
      collection: 'contracts',
      pipeline: detailsOf,
      ttlMs: 3_600_000,
    });
    const raw: number[] = [];
    const uncached: number[] = [];
    const warm: number[] = [];
    const reads = Math.min(CONTRACTS - WARMED_UP_BY, rounds * READS_A_ROUND);
    note('warming up');
    for (let id = CONTRACTS - WARMED_UP_BY; id < CONTRACTS; id += 1) {
      await database.collection('contracts').aggregate(detailsOf({ id })).toArray();
      await cache.read(details, { id });
      await cache.read(details, { id });
    }
    for (let id = 0; id < reads; id += 1) {
      if (id % READS_A_ROUND === 0) note(`${id} of ${reads}`);
      raw.push(
        await msOf(() => database.collection('contracts').aggregate(detailsOf({ id })).toArray()),
      );
      uncached.push(await msOf(() => cache.read(details, { id })));
      warm.push(await msOf(() => cache.read(details, { id })));
    }
    await cache.close();
    const ratio = median(uncached) / median(warm);
    const us = (times: readonly number[]) => amount(1_000 * median(times));
    return {
      verdicts: [
        {
          row: 'contract details, warm against uncached',
          figure: `${amount(ratio)}x`,
          ...judge(ratio, { least: LEAST_TIMES, unit: 'x' }),
        },
      ],
      tables: [
        {
          title: `Contract details, ${DOCUMENTS} documents`,
          head: ['read', 'us, p50'],
          body: [
            ['the driver alone', us(raw)],
            ['ours, uncached', us(uncached)],
            ['ours, warm', us(warm)],
          ],
        },
      ],
    };
  } finally {
    await client.close();
    await set.stop();
  }
};

/** A contract with its client, its employee, its project and its ten latest payments. */
const detailsOf = ({ id }: { readonly id: number }) => [
  { $match: { _id: id } },
  one('users', 'client'),
  one('users', 'employee'),
  one('projects', 'project'),
  {
    $lookup: {
      from: 'payments',
      localField: '_id',
      foreignField: 'contract',
      pipeline: [{ $sort: { createdAt: -1 } }, { $limit: 10 }],
      as: 'payments',
    },
  },
];

const one = (from: string, field: string) => ({
  $lookup: { from, localField: field, foreignField: '_id', as: field },
});

const fill = async (client: MongoClient): Promise<void> => {
  const database = client.db('shop');
  const insert = (name: string, count: number, made: (id: number) => object) =>
    database
      .collection(name)
      .insertMany(Array.from({ length: count }, (_, id) => ({ _id: id as never, ...made(id) })));
  await insert('users', USERS, (id) => ({ name: `User ${id}`, role: 'client' }));
  await insert('projects', PROJECTS, (id) => ({ name: `Project ${id}`, status: 'open' }));
  await insert('contracts', CONTRACTS, (id) => ({
    title: `Contract ${id}`,
    client: id % USERS,
    employee: (7 * id) % USERS,
    project: id % PROJECTS,
  }));
  await database.collection('payments').createIndex({ contract: 1, createdAt: -1 });
  await insert('payments', CONTRACTS * PAYMENTS_EACH, (id) => ({
    contract: id % CONTRACTS,
    minor: 100 * id,
    createdAt: new Date(1_700_000_000_000 + id),
  }));
};

const msOf = async (call: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await call();
  return performance.now() - started;
};
