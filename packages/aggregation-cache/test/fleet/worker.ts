import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import {
  AggregationCache,
  type CausalToken,
  causalToken,
  definePipelineClass,
} from '../../src/index.js';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import {
  type Mode,
  monotonic,
  type Note,
  type WorkerCommand,
  type WorkerMessage,
  type WorkerOrders,
} from './messages.js';

/** One process of the fleet: reads in all modes, writes and invalidates, and notes what it saw. */
const orders = JSON.parse(process.env.FLEET_ORDERS ?? '{}') as WorkerOrders;
const { documents, heartbeatMs } = orders;
const NOTES_EVERY_MS = 250;
const THINK_MS = 3;
const ALL_KEYS = Array.from({ length: documents }, (_, key) => key);

const client = new MongoClient(orders.mongodbUri, { serverSelectionTimeoutMS: 5_000 });
const redis = new Redis(orders.redisUrl, { retryStrategy: () => 100 });
redis.on('error', () => {});
const cache = new AggregationCache({
  client,
  database: orders.database,
  remote: createRedisRemoteStore({ redis, keyPrefix: orders.keyPrefix }),
  heartbeatMs,
  selectionTimeoutMs: 15_000,
});
const counters = client.db(orders.database).collection<{ _id: number; n: number }>('counters');

const members = [{ replica: 'replica1' }, { replica: 'replica2' }, { replica: 'replica3' }];
type Row = { readonly _id: number; readonly n: number };
const MODES: readonly Mode[] = ['strict', 'bounded', 'eventual'];
const shared = { collection: 'counters', members, ttlMs: 20_000, negativeMs: 0 };
const classes = MODES.map((mode) => ({
  mode,
  one: definePipelineClass<{ key: number }, Row>({
    ...shared,
    mode,
    name: `one ${mode}`,
    pipeline: ({ key }) => [{ $match: { _id: key } }],
  }),
  all: definePipelineClass<void, Row>({
    ...shared,
    mode,
    name: `all ${mode}`,
    pipeline: [{ $sort: { _id: 1 } }],
  }),
}));

let state = orders.seed;
const random = (): number => {
  state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const below = (n: number): number => Math.floor(random() * n);

let notes: Note[] = [];
let isEnding = false;
const tell = (message: WorkerMessage): void => {
  process.send?.(message);
};
/** With what the driver said, where it is the cache's error. */
const codeOf = (error: unknown): string => {
  const { code, name, cause } = error as Error & { code?: string | number };
  return cause === undefined ? String(code ?? name) : `${code ?? name} (${codeOf(cause)})`;
};

interface Presented {
  readonly after: CausalToken;
  readonly of: readonly [key: number, number: number];
}

const read = async (token?: Presented): Promise<void> => {
  const asksOne = random() < 0.7 || token !== undefined;
  const key = token?.of[0] ?? below(documents);
  const keys = asksOne ? [key] : ALL_KEYS;
  const { mode, one, all } = classes[below(classes.length)] as (typeof classes)[number];
  const begin = monotonic();
  const after = token === undefined ? {} : { after: token.after };
  const of = token === undefined ? {} : { token: token.of };
  try {
    const answer = asksOne
      ? await cache.read(one, { key }, after)
      : await cache.read(all, undefined, after);
    const seen = answer.rows.map(({ _id, n }) => [_id, n] as const);
    const { source } = answer;
    notes.push({ kind: 'read', mode, keys, begin, end: monotonic(), seen, source, ...of });
  } catch (error) {
    const failure = codeOf(error);
    notes.push({ kind: 'read', mode, keys, begin, end: monotonic(), failure, ...of });
  }
};

const write = async (): Promise<void> => {
  const key = below(documents);
  const session = client.startSession();
  let number = 0;
  try {
    const written = await counters.findOneAndUpdate(
      { _id: key },
      { $inc: { n: 1 } },
      { session, returnDocument: 'after', writeConcern: { w: 'majority', wtimeoutMS: 5_000 } },
    );
    number = written?.n ?? 0;
    const after = causalToken(session);
    const target =
      random() < 0.5
        ? { documents: [{ collection: 'counters', ids: [key] }] }
        : { collections: ['counters'] };
    const { published } = await cache.invalidate({ ...target, after });
    const acknowledgedAt = monotonic();
    notes.push({
      kind: 'write',
      key,
      number,
      acknowledgedAt,
      ...(published !== undefined && { published }),
    });
    if (after !== undefined && random() < 0.5) await read({ after, of: [key, number] });
  } catch (error) {
    notes.push({ kind: 'write', key, number, failure: codeOf(error) });
  } finally {
    await session.endSession().catch(() => {});
  }
};

const think = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, THINK_MS));

const loop = async (): Promise<void> => {
  while (!isEnding) {
    if (random() < 0.04) await write();
    else await read();
    await think();
  }
};

const flush = (): void => {
  if (notes.length === 0) return;
  tell({ kind: 'notes', notes });
  notes = [];
};

const work = async (): Promise<void> => {
  const timer = setInterval(flush, NOTES_EVERY_MS);
  await Promise.all(Array.from({ length: orders.loops }, loop));
  clearInterval(timer);
  flush();
  tell({ kind: 'done' });
};

process.on('message', (command: WorkerCommand) => {
  if (command.kind === 'go') void work();
  else isEnding = true;
});
process.on('disconnect', () => process.exit());

await client.connect();
tell({ kind: 'ready' });
