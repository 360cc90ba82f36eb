import { crc32 } from 'node:zlib';
import { Redis } from 'ioredis';
import { type Collection, MongoClient } from 'mongodb';
import {
  AggregationCache,
  causalToken,
  defineFindClass,
  definePipelineClass,
  type PipelineClass,
  type RemoteStore,
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
  /** Whether a row that was changed in Redis was taken for a fault. */
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
  const open = () => createRedisRemoteStore({ redis, timeoutMs: 1_000 });
  const remotes = [open(), open()] as const;
  const start = (remote: RemoteStore) =>
    new AggregationCache({ client, database: 'audit', remote });
  const caches = [start(remotes[0]), start(remotes[1])] as const;
  try {
    const values = client.db('audit').collection<Value>('values');
    await values.insertMany(
      Array.from({ length: DOCUMENTS }, (_, id) => ({ _id: id, n: 0, values: EVERY_TYPE })),
      { writeConcern: { w: 4 } },
    );
    const seen = listen(caches);
    const hits = await readAll(caches, values, orders);
    const owed = Math.max(1, Math.ceil((LEAST_SHARE * hits) / orders.auditRate));
    await settle(async () => seen.audited >= owed);
    const { audited, alarms } = seen;
    const falseAlarms = [...alarms];
    const found = await findsPlanted(client, remotes[1], caches[0], alarms);
    return { hits, audited, owed, alarms: falseAlarms, found };
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

/** Whether a row that was changed in Redis, checksum and all, is found out by the cache that reads it there. */
const findsPlanted = async (
  client: MongoClient,
  remote: RemoteStore,
  reader: AggregationCache,
  alarms: readonly string[],
): Promise<boolean> => {
  let isStored = false;
  const spoiling = storingOtherwise(remote, async (entry) => {
    const outcome = await remote.store({ ...entry, bytes: spoiled(entry.bytes) });
    isStored = true;
    return outcome;
  });
  const writer = new AggregationCache({ client, database: 'audit', remote: spoiling });
  try {
    await writer.read(different, { id: 1 });
    await settle(async () => isStored);
    // Again and again: a hit is passed over while another audit is made.
    return await settle(async () => {
      await reader.read(different, { id: 1 });
      return alarms.some((alarm) => alarm.startsWith('different: rows'));
    });
  } finally {
    await writer.close();
  }
};

const different = definePipelineClass<{ id: number }, { n: number }>({
  name: 'different',
  collection: 'values',
  members,
  auditRate: 1,
  pipeline: ({ id }) => [{ $match: { _id: id } }, { $project: { _id: 0, n: 1 } }],
});

const storingOtherwise = (remote: RemoteStore, store: RemoteStore['store']): RemoteStore =>
  new Proxy(remote, {
    get: (_, name) => {
      if (name === 'store') return store;
      const found: unknown = Reflect.get(remote, name, remote);
      return typeof found === 'function' ? found.bind(remote) : found;
    },
  });

/** Another number at the end of the last row; where the checksum lies is told in `envelope.ts`. */
const spoiled = (bytes: Uint8Array): Uint8Array => {
  const copy = Buffer.from(bytes);
  const lowestByteOfNumber = copy.length - 5;
  copy.writeUInt8(copy.readUInt8(lowestByteOfNumber) ^ 1, lowestByteOfNumber);
  copy.writeUInt32LE(crc32(copy.subarray(12)), 8);
  return copy;
};

const settle = async (isSo: () => Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await new Promise(setImmediate);
  }
  return false;
};

/** The same for the same seed. */
const numbersFrom = (seed: number) => {
  let state = seed >>> 0;
  return (end: number): number => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
};
