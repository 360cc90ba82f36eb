import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { startFaultProxy, startRedis, startReplicaSet } from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { judge, type StaleRead } from './judge.js';
import { monotonic, type Note, type WorkerMessage, type WorkerOrders } from './messages.js';
import { type Scene, TROUBLES } from './troubles.js';

export interface FleetOptions {
  readonly seed: number;
  readonly processes: number;
  readonly loops: number;
  readonly documents: number;
  readonly heartbeatMs: number;
  /** How long each trouble lasts, and how long it is quiet after it. */
  readonly troubleMs: number;
  /** A worker in one file. */
  readonly workerPath: string;
  readonly troubles?: readonly string[] | undefined;
  readonly print: (line: string) => void;
}

export interface FleetResult {
  readonly reads: number;
  readonly writes: number;
  readonly stale: readonly StaleRead[];
  /** Reads that failed, by code. */
  readonly failed: Readonly<Record<string, number>>;
  readonly phases: readonly Phase[];
}

export interface Phase {
  readonly trouble: string;
  readonly reads: number;
  readonly failed: number;
  readonly hits: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Reads and writes by several processes, while one thing after the other goes wrong. */
export const runFleet = async (options: FleetOptions): Promise<FleetResult> => {
  const set = await startReplicaSet({ lagControl: true, proxied: true });
  const redis = await startRedis();
  const redisLine = await startFaultProxy({
    target: { host: redis.host, port: redis.port },
    seed: options.seed,
  });
  const database = `fleet_${randomUUID().slice(0, 8)}`;
  const workers: ChildProcess[] = [];
  try {
    await fill(set.uri, database, options.documents);
    const notes: Note[][] = [];
    for (let index = 0; index < options.processes; index += 1) {
      const redisUrl = index === 0 ? redisLine.url('redis') : redis.url;
      const { heartbeatMs, documents, loops } = options;
      const shared = { mongodbUri: set.uri, database, keyPrefix: database };
      const seed = options.seed + index;
      const orders = { ...shared, redisUrl, heartbeatMs, documents, loops, seed };
      const list: Note[] = [];
      notes.push(list);
      workers.push(await startWorker(options.workerPath, orders, list));
    }
    for (const worker of workers) worker.send({ kind: 'go' });
    const scene: Scene = { set, redis, redisLine, workers };
    const spans = await makeTroubles(scene, options);
    const ends = workers.map((worker) => done(worker));
    for (const worker of workers) worker.send({ kind: 'end' });
    await Promise.all(ends);
    return resultOf(notes, spans, options.heartbeatMs);
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.allSettled([redisLine.stop(), redis.stop(), set.stop()]);
  }
};

interface Span {
  readonly trouble: string;
  readonly begin: number;
  readonly end: number;
}

const makeTroubles = async (scene: Scene, options: FleetOptions): Promise<readonly Span[]> => {
  const { troubles, troubleMs, print } = options;
  const spans: Span[] = [];
  for (const { name, begin, end } of TROUBLES) {
    if (troubles !== undefined && !troubles.includes(name)) continue;
    print(`  ${name}`);
    const from = monotonic();
    await begin(scene);
    await pause(troubleMs);
    await end(scene);
    await pause(troubleMs / 2);
    spans.push({ trouble: name, begin: from, end: monotonic() });
  }
  return spans;
};

/** Real time has to pass: the servers are real. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const fill = async (uri: string, database: string, documents: number): Promise<void> => {
  const client = new MongoClient(uri);
  try {
    const all = Array.from({ length: documents }, (_, _id) => ({ _id, n: 0 }));
    const counters = client.db(database).collection<{ _id: number; n: number }>('counters');
    await counters.insertMany(all, { writeConcern: { w: 4 } });
  } finally {
    await client.close();
  }
};

const startWorker = async (
  path: string,
  orders: WorkerOrders,
  notes: Note[],
): Promise<ChildProcess> => {
  const env = { ...process.env, FLEET_ORDERS: JSON.stringify(orders) };
  const worker = fork(path, { env, execArgv: [], serialization: 'advanced' });
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'notes') notes.push(...message.notes);
  });
  await once(worker, 'message');
  return worker;
};

const done = (worker: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') resolve();
    });
    worker.on('exit', () => reject(new Error('A worker ended before it was done.')));
  });

const resultOf = (
  notes: readonly (readonly Note[])[],
  spans: readonly Span[],
  heartbeatMs: number,
): FleetResult => {
  const all = notes.flat();
  const reads = all.flatMap((note) => (note.kind === 'read' ? [note] : []));
  const failed: Record<string, number> = {};
  for (const { failure } of reads) {
    if (failure !== undefined) failed[failure] = (failed[failure] ?? 0) + 1;
  }
  const phases = spans.map(({ trouble, begin, end }) => {
    const within = reads.filter((read) => read.begin >= begin && read.begin < end);
    const times = within.map((read) => read.end - read.begin).sort((one, other) => one - other);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
    return {
      trouble,
      reads: within.length,
      failed: within.filter(({ failure }) => failure !== undefined).length,
      hits: within.filter(({ source }) => source === 'memory' || source === 'remote').length,
      medianMs: at(0.5),
      p99Ms: at(0.99),
    };
  });
  const writes = all.length - reads.length;
  return { reads: reads.length, writes, stale: judge(notes, heartbeatMs), failed, phases };
};
