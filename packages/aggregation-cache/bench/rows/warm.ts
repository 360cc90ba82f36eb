import { amount, type Findings, judge, median } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { MongoClient } from 'mongodb';
import { loadBuilt } from '../support/build.ts';
import { contractDetails } from '../support/engine.ts';
import { testbed } from '../support/servers.ts';

const CONTRACTS = 2_000;
const PAYMENTS_EACH = 6;
const READS_A_ROUND = 50;
/** So many contracts are read before, so that the code is as it is in a service that runs. */
const WARMED_UP_BY = 1_000;
const LEAST_TIMES = 20;

/** One contract with what was paid of it, on a real replica set: kept, against asked for. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  note('starting a replica set');
  const set = await testbed.startReplicaSet();
  const client = new MongoClient(set.uri);
  try {
    const database = client.db('shop');
    await fill(client);
    const { AggregationCache } = await loadBuilt('index');
    const cache = new AggregationCache({ client, database: 'shop' });
    const details = await contractDetails();
    const built = (id: number) => {
      const operation = details.build({ id });
      return operation.kind === 'aggregate' ? [...operation.pipeline] : [];
    };
    const raw: number[] = [];
    const uncached: number[] = [];
    const warm: number[] = [];
    const reads = Math.min(CONTRACTS - WARMED_UP_BY, rounds * READS_A_ROUND);
    note('warming up');
    for (let id = CONTRACTS - WARMED_UP_BY; id < CONTRACTS; id += 1) {
      await database.collection('contracts').aggregate(built(id)).toArray();
      await cache.read(details, { id });
      await cache.read(details, { id });
    }
    for (let id = 0; id < reads; id += 1) {
      if (id % READS_A_ROUND === 0) note(`${id} of ${reads}`);
      raw.push(await msOf(() => database.collection('contracts').aggregate(built(id)).toArray()));
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
          title: `Contract details, ${CONTRACTS * (1 + PAYMENTS_EACH)} documents`,
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

const fill = async (client: MongoClient): Promise<void> => {
  const database = client.db('shop');
  const contracts = Array.from({ length: CONTRACTS }, (_, id) => ({
    _id: id as never,
    title: `Contract ${id}`,
  }));
  await database.collection('contracts').insertMany(contracts);
  await database.collection('payments').createIndex({ contract: 1 });
  const payments = contracts.flatMap(({ _id }) =>
    Array.from({ length: PAYMENTS_EACH }, (_, index) => ({ contract: _id, minor: 100 * index })),
  );
  await database.collection('payments').insertMany(payments);
};

const msOf = async (call: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await call();
  return performance.now() - started;
};
