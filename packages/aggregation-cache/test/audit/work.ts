import { Redis } from 'ioredis';
import { type Collection, MongoClient } from 'mongodb';
import {
  AggregationCache,
  causalToken,
  defineFindClass,
  definePipelineClass,
  type PipelineClass,
} from '../../src/index.js';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import { EVERY_TYPE } from '../equality/every-type.js';

export interface AuditOrders {
  readonly mongodbUri: string;
  readonly redisUrl: string;
  readonly seed: number;
  readonly hits: number;
  readonly auditRate: number;
  readonly print: (line: string) => void;
}

export interface AuditResult {
  readonly hits: number;
  readonly audited: number;
  /** So many at least had to be audited for the run to say anything. */
  readonly owed: number;
  /** What was taken for a fault, though there was none. */
  readonly alarms: readonly string[];
  /** Whether rows that come out differently each time were taken for a fault. */
  readonly found: boolean;
}

interface Value {
  readonly _id: number;
  readonly n: number;
  readonly values: unknown;
}

type Asked = PipelineClass<{ id: number }, { id: number }, unknown>;

const DOCUMENTS = 50;
const READERS = 16;
/** One write in so many reads. */
const WRITE_EVERY = 2_000;
const TOLD_EVERY = 100_000;
const CONNECTIONS = 20;
const PATIENCE_MS = 10_000;
/** Of the audits that the rate asks for. One is made at a time, and what is hit meanwhile is passed over. */
const LEAST_SHARE = 0.25;

const members = [{ replica: 'replica1' }, { replica: 'replica2' }, { replica: 'replica3' }];

const classesOf = (auditRate: number) => {
  const shared = { collection: 'values', members, auditRate, ttlMs: 5_000 };
  return {
    one: definePipelineClass<{ id: number }, Value>({
      ...shared,
      name: 'one',
      pipeline: ({ id }) => [{ $match: { _id: id } }],
    }),
    strict: defineFindClass<{ id: number }, Value>({
      ...shared,
      name: 'strict',
      mode: 'strict',
      filter: ({ id }) => ({ _id: id }),
    }),
    sum: definePipelineClass<{ id: number }, { n: number }>({
      ...shared,
      name: 'sum',
      pipeline: ({ id }) => [
        { $match: { _id: { $gte: id } } },
        { $group: { _id: null, n: { $sum: '$n' } } },
      ],
    }),
  };
};

/** Audited reads of two caches, beside writes that one of them invalidates for. */
export const runAudit = async (orders: AuditOrders): Promise<AuditResult> => {
  const client = new MongoClient(orders.mongodbUri, { maxPoolSize: CONNECTIONS });
  const redis = new Redis(orders.redisUrl);
  const remotes = [0, 1].map(() => createRedisRemoteStore({ redis, timeoutMs: 1_000 }));
  const caches = remotes.map(
    (remote) => new AggregationCache({ client, database: 'audit', remote }),
  );
  try {
    const values = client.db('audit').collection<Value>('values');
    await values.insertMany(
      Array.from({ length: DOCUMENTS }, (_, id) => ({ _id: id, n: 0, values: EVERY_TYPE })),
      { writeConcern: { w: 4 } },
    );
    const seen = listen(caches);
    const hits = await readAll(caches, values, orders);
    const owed = Math.max(1, Math.ceil((LEAST_SHARE * hits) / orders.auditRate));
    await settle(() => seen.audited >= owed);
    const { audited, alarms } = seen;
    const falseAlarms = [...alarms];
    return { hits, audited, owed, alarms: falseAlarms, found: await findsPlanted(caches, alarms) };
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
    await Promise.all(remotes.map((remote) => remote.close()));
    redis.disconnect();
    await client.close();
  }
};

const listen = (caches: readonly AggregationCache[]) => {
  const seen = { audited: 0, alarms: [] as string[] };
  for (const { events } of caches) {
    events.on('audited', () => {
      seen.audited += 1;
    });
    events.on('auditFailed', (failed) => {
      seen.alarms.push(`${failed.pipelineClass}: ${failed.difference} from ${failed.source}`);
    });
  }
  return seen;
};

const readAll = async (
  caches: readonly AggregationCache[],
  values: Collection<Value>,
  { seed, hits: wanted, auditRate, print }: AuditOrders,
): Promise<number> => {
  const { one, strict, sum } = classesOf(auditRate);
  const below = numbersFrom(seed);
  let hits = 0;
  const readOnce = async (): Promise<void> => {
    const cache = caches[below(caches.length)] as AggregationCache;
    const id = below(DOCUMENTS);
    if (below(WRITE_EVERY) === 0) return write(cache, values, id);
    const kind = below(100);
    // Strict ones ask Redis each time, so they are few.
    const pipelineClass: Asked = kind === 0 ? strict : kind < 30 ? sum : one;
    const { cache: from } = await cache.read(pipelineClass, { id });
    if (from === 'MISS') return;
    hits += 1;
    if (hits % TOLD_EVERY === 0) print(`  ${hits} of ${wanted} kept answers`);
  };
  const reader = async (): Promise<void> => {
    while (hits < wanted) {
      await readOnce();
      // Answers from memory come within the turn: others have to have theirs.
      if (hits % READERS === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return hits;
};

const write = async (
  cache: AggregationCache,
  values: Collection<Value>,
  id: number,
): Promise<void> => {
  const session = values.db.client.startSession();
  try {
    await values.updateOne({ _id: id }, { $inc: { n: 1 } }, { session });
    const after = causalToken(session);
    await cache.invalidate({ documents: [{ collection: 'values', ids: [id] }], after });
  } finally {
    await session.endSession();
  }
};

/** A schema that makes of the same document another row each time: nothing of it is the cache's fault, yet it is one. */
const findsPlanted = async (
  [cache]: readonly AggregationCache[],
  alarms: readonly string[],
): Promise<boolean> => {
  let count = 0;
  const different = defineFindClass<{ id: number }, { n: number }>({
    name: 'different',
    collection: 'values',
    members,
    auditRate: 1,
    filter: ({ id }) => ({ _id: id }),
    rows: {
      '~standard': {
        version: 1,
        vendor: 'audit',
        validate: () => {
          count += 1;
          return { value: { n: count } };
        },
      },
    },
  });
  await cache?.read(different, { id: 1 });
  await cache?.read(different, { id: 1 });
  return settle(() => alarms.some((alarm) => alarm.startsWith('different: rows')));
};

const settle = async (isSo: () => boolean): Promise<boolean> => {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo() && performance.now() < deadline) await new Promise(setImmediate);
  return isSo();
};

/** The same for the same seed. */
const numbersFrom = (seed: number) => {
  let state = seed >>> 0;
  return (end: number): number => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
};
