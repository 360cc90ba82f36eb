import { amount, type Findings, judge, median } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import type { ReplicaSet } from '@nestcms/testbed';
import { type Db, MongoClient, ReadPreference } from 'mongodb';
import type { AggregationCache, AggregationCacheOptions } from '../../src/index.js';
import { loadBuilt } from '../support/build.ts';
import { testbed } from '../support/servers.ts';

const WRITES_A_ROUND = 5;
const LAG_BUDGET_MS = 300;
/** The shortest at which members are looked at often enough for that budget. */
const LAG_PROBE_MS = 200;
const REMAINING_LAG_MS = 250;
const MOST_ADDED_MS = 2;
const MOST_ERROR_MS = 100;
const WATCHED_MS = 3_500;

interface Row {
  readonly value: number;
}

/** A member that is held back, on a real replica set: what is refilled from it, and how well its lag is known. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  note('starting a replica set');
  const set = await testbed.startReplicaSet({ lagControl: true });
  const client = new MongoClient(set.uri);
  try {
    const database = client.db('lag');
    await database.collection<Row & { _id: number }>('values').insertOne({ _id: 1, value: 0 });
    await set.waitUntilCaughtUp();
    const behind = { set, client, database };
    note('refills while a member is held back');
    const refills = await refillsOf(behind, rounds * WRITES_A_ROUND);
    note('refills while a member catches up');
    const added = await addedWaits(behind, rounds);
    note('estimates of a lag that grows');
    const error = await largestError(behind);
    return {
      verdicts: [
        {
          row: 'refills older than their write, member held back',
          figure: `${amount(100 * refills.ours)} %`,
          ...judge(100 * refills.ours, { most: 0, unit: ' %' }),
          floor: `${amount(100 * refills.driver)} % driver`,
        },
        {
          row: 'refill from another member, median',
          figure: `${amount(refills.ms)} ms`,
          ...judge(refills.ms, { most: LAG_BUDGET_MS, unit: ' ms' }),
        },
        {
          row: 'wait over the remaining lag, member catches up',
          figure: `${amount(added)} ms`,
          ...judge(added, { most: MOST_ADDED_MS, unit: ' ms' }),
        },
        {
          row: 'error of the lag, one probe a second, largest',
          figure: `${amount(error)} ms`,
          ...judge(error, { most: MOST_ERROR_MS, unit: ' ms' }),
        },
      ],
      tables: [],
    };
  } finally {
    await client.close();
    await set.stop();
  }
};

interface Behind {
  readonly set: ReplicaSet;
  readonly client: MongoClient;
  readonly database: Db;
}

const openCache = async (
  { client }: Behind,
  options: Partial<AggregationCacheOptions>,
): Promise<{ cache: AggregationCache; read: () => Promise<number> }> => {
  const { AggregationCache, definePipelineClass } = await loadBuilt('index');
  const cache = new AggregationCache({ client, database: 'lag', ...options });
  const values = definePipelineClass<void, Row>({
    name: 'values',
    collection: 'values',
    pipeline: [{ $match: { _id: 1 } }],
    members: [{ replica: 'replica1' }, { replica: 'replica2' }],
  });
  const read = async () => (await cache.read(values)).rows[0]?.value ?? Number.NaN;
  await cache.ready([values]);
  await read();
  return { cache, read };
};

/** Writes and invalidates. @returns the value that was written */
const write = async ({ client, database }: Behind, cache: AggregationCache): Promise<number> => {
  const { causalToken } = await loadBuilt('index');
  return client.withSession(async (session) => {
    const written = await database
      .collection<Row & { _id: number }>('values')
      .findOneAndUpdate(
        { _id: 1 },
        { $inc: { value: 1 } },
        { session, returnDocument: 'after', writeConcern: { w: 'majority' } },
      );
    await cache.invalidate({ collections: ['values'], after: causalToken(session) });
    return written?.value ?? Number.NaN;
  });
};

const refillsOf = async (behind: Behind, tries: number) => {
  const { set, database } = behind;
  const { cache, read } = await openCache(behind, {
    lagBudgetMs: LAG_BUDGET_MS,
    lagProbeMs: LAG_PROBE_MS,
  });
  const fromReplica = {
    readPreference: new ReadPreference('secondary', [{ replica: 'replica1' }]),
  };
  const stale = { ours: 0, driver: 0 };
  const times: number[] = [];
  await set.members.replica1.setLag(true);
  try {
    for (let made = 0; made < tries; made += 1) {
      const written = await write(behind, cache);
      const started = performance.now();
      if ((await read()) < written) stale.ours += 1;
      times.push(performance.now() - started);
      const [row] = await database
        .collection('values')
        .aggregate<Row>([{ $match: { _id: 1 } }], fromReplica)
        .toArray();
      if ((row?.value ?? 0) < written) stale.driver += 1;
    }
  } finally {
    await set.members.replica1.setLag(false);
    await cache.close();
  }
  await set.waitUntilCaughtUp();
  return { ours: stale.ours / tries, driver: stale.driver / tries, ms: median(times) };
};

/** How much later than the member itself shows a write the waiting read is answered, in milliseconds. */
const addedWaits = async (behind: Behind, tries: number): Promise<number> => {
  const { set } = behind;
  const { cache, read } = await openCache(behind, { lagBudgetMs: 10_000 });
  const direct = set.members.replica1.client().db('lag').collection<Row>('values');
  const added: number[] = [];
  for (let made = 0; made < tries; made += 1) {
    await set.members.replica1.setLag(true);
    const written = await write(behind, cache);
    const answered = read().then(() => performance.now());
    await new Promise((resolve) => setTimeout(resolve, REMAINING_LAG_MS));
    const shown = (async () => {
      for (;;) {
        const row = await direct.findOne({}, { readConcern: 'majority' });
        if ((row?.value ?? 0) >= written) return performance.now();
      }
    })();
    await set.members.replica1.setLag(false);
    added.push((await answered) - (await shown));
  }
  await cache.close();
  return Math.max(0, median(added));
};

/** Between the lag that is told and the age of the first write that the member lacks. */
const largestError = async (behind: Behind): Promise<number> => {
  const { set, database } = behind;
  const { cache } = await openCache(behind, { lagProbeMs: 1_000, lagBudgetMs: 60_000 });
  const sentAt: number[] = [];
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) {
      sentAt.push(performance.now());
      await database
        .collection<{ _id: number }>('writes')
        .insertOne({ _id: sentAt.length - 1 }, { writeConcern: { w: 1 } });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  const lagMs = () =>
    cache.stats().members.find(({ address }) => address === set.members.replica1.address)?.lagMs;
  try {
    await set.members.replica1.setLag(true);
    const seen = await set.members.replica1
      .client()
      .db('lag')
      .collection('writes')
      .estimatedDocumentCount();
    const since = sentAt[seen] ?? Number.NaN;
    while ((lagMs() ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    let largest = 0;
    const until = performance.now() + WATCHED_MS;
    while (performance.now() < until) {
      largest = Math.max(largest, Math.abs((lagMs() ?? Number.NaN) - (performance.now() - since)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return largest;
  } finally {
    isWriting = false;
    await writing;
    await set.members.replica1.setLag(false);
    await cache.close();
  }
};
