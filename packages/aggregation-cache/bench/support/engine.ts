import { BSON } from 'mongodb';
import type { AggregationCacheEvents } from '../../src/cache/events.js';
import type { RemoteStore } from '../../src/ports/remote-store.js';
import type { Source } from '../../src/ports/source.js';
import { loadBreaker, loadBuilt } from './build.ts';

const MEBIBYTE = 1024 * 1024;

export interface EngineOptions {
  /** The rows of a question, as a member sends them. */
  readonly load: () => Promise<readonly Uint8Array[]>;
  readonly store?: RemoteStore | undefined;
  /** Bytes; default 64 MiB. With 0 nothing is kept in memory. */
  readonly memoryMaxBytes?: number;
}

/** A database that does nothing but answer: what a read costs beyond it is the cache's. */
const sourceOf = (load: EngineOptions['load']): Source => ({
  knowsTimes: false,
  fetch: async () => ({
    rows: await load(),
    member: { address: 'source:1', tags: { replica: 'replica1' } },
    storable: true,
  }),
  currentPoint: async () => undefined,
  members: () => [],
  close: () => {},
});

/** The cache, whole but for the driver, with the defaults that `AggregationCache` gives it. */
export const openEngine = async ({
  load,
  store,
  memoryMaxBytes = 64 * MEBIBYTE,
}: EngineOptions) => {
  const { CacheEngine } = await loadBuilt('cache/cache-engine');
  const { rowTypesOf } = await loadBuilt('rows/decode-rows');
  const { ViewResolver, CACHE_DEFAULTS } = await loadBuilt('index');
  const { CircuitBreaker, GuardedEmitter, systemClock, systemRandom } = await loadBreaker();
  const clock = systemClock;
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const breaker = new CircuitBreaker({
    name: 'remote',
    window: { kind: 'time', durationMs: 10_000 },
    minimumCalls: 5,
    openForMs: 1_000,
    clock,
  });
  const catalogue = async () =>
    ({ kind: 'collection', isCapped: false, hasCollation: false }) as const;
  const engine = new CacheEngine({
    ...CACHE_DEFAULTS,
    source: sourceOf(load),
    remote: store && { store, breaker },
    context: {
      database: 'shop',
      ignoreUndefined: false,
      keyPrefix: 'bench',
      clock,
      views: new ViewResolver({ catalogue, clock, ttlMs: 3_600_000 }),
    },
    rowTypes: rowTypesOf({}),
    memoryMaxBytes,
    changes: undefined,
    events,
    clock,
    random: systemRandom,
  });
  return { engine, events };
};

export type Engine = Awaited<ReturnType<typeof openEngine>>['engine'];

/** What is asked: four stages, one parameter. */
export const contractDetails = async () => {
  const { definePipelineClass } = await loadBuilt('index');
  return definePipelineClass<{ id: number }>({
    name: 'contractDetails',
    collection: 'contracts',
    pipeline: ({ id }) => [
      { $match: { _id: id } },
      {
        $lookup: {
          from: 'payments',
          localField: '_id',
          foreignField: 'contract',
          as: 'payments',
        },
      },
      { $addFields: { paid: { $sum: '$payments.minor' } } },
      { $project: { payments: 0 } },
    ],
    ttlMs: 3_600_000,
  });
};

/** Some rows of about 1,000 bytes of JSON each, as BSON. */
export const rowsOf = (kilobytes: number, seed = 0): Uint8Array[] =>
  Array.from({ length: kilobytes }, (_, index) => BSON.serialize(documentOf(seed + index)));

/** As objects, for those who keep objects. */
export const objectsOf = (kilobytes: number, seed = 0): object[] =>
  Array.from({ length: kilobytes }, (_, index) => documentOf(seed + index));

const TEXT = 'abcdefghijklmnopqrstuvwxyz ';

/** A contract: about 992 bytes of JSON in fields of the usual kinds. */
const documentOf = (seed: number) => ({
  _id: seed,
  number: `C-${1_000_000 + seed}`,
  title: TEXT.repeat(3) + seed,
  status: seed % 3 === 0 ? 'open' : 'closed',
  minor: 4_950 + seed,
  createdAt: new Date(1_700_000_000_000 + seed).toISOString(),
  employee: { name: `Employee ${seed}`, mail: `employee${seed}@example.com`, rate: seed % 100 },
  tags: ['alpha', 'beta', 'gamma'],
  payments: Array.from({ length: 6 }, (_, index) => ({
    reference: `P-${seed}-${index}`,
    minor: index * 100,
    note: TEXT + TEXT.slice(index),
  })),
});
