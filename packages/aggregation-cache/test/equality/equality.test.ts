import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { BSON, type Db, type Document, Long, type MongoClient } from 'mongodb';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  type AnyClass,
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
  definePipelineClass,
} from '../../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';
import { EVERY_TYPE } from './every-type.js';

/** With these, what is read is written as it was. */
const KEPT = { promoteValues: false, bsonRegExp: true } as const;

/** Rows as bytes: two that look alike but are of other types differ here. */
const bytesOf = (rows: readonly unknown[]): string[] =>
  rows.map((value) =>
    Buffer.from(BSON.serialize({ value }, { ignoreUndefined: false })).toString('hex'),
  );

const open = async (documents: readonly Document[]) => {
  const { client } = await openClient(inject('mongodbUri'), KEPT);
  const database = openDatabase(client);
  await insertEverywhere(database, 'values', documents);
  return { client, database, keyPrefix: randomUUID() };
};

type Opened = Awaited<ReturnType<typeof open>>;

const start = async ({ client, database, keyPrefix }: Opened, options: object = {}) =>
  openCache({
    client: client as MongoClient,
    database: database as Db,
    remote: await openStore(inject('redisCacheUrl'), { keyPrefix }),
    ...options,
  });

/** What each way to the rows gives; pages are for aggregations only. */
const readEveryWay = async (opened: Opened, pipelineClass: AnyClass, isPaged: boolean) => {
  const one = pipelineClass as never;
  const first = await start(opened);
  const answers = [await first.read(one), await first.read(one)];
  // Ends when everything is stored.
  await first.close();
  const second = await start(opened);
  answers.push(await second.read(one));
  expect(answers.map(({ source }) => source)).toEqual(['member', 'memory', 'remote']);
  const ways: Record<string, readonly unknown[]> = {};
  for (const { source, rows } of answers) ways[source] = rows as readonly unknown[];
  const third = await start({ ...opened, keyPrefix: randomUUID() });
  const streamed: unknown[] = [];
  for await (const batch of third.stream(one)) streamed.push(...(batch as unknown[]));
  ways.stream = streamed;
  if (isPaged) {
    const paged: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await third.page(one, undefined as never, { size: 20, cursor } as never);
      paged.push(...(page.rows as unknown[]));
      cursor = page.next;
    } while (cursor !== undefined);
    ways.page = paged;
  }
  return ways;
};

const expectEach = (ways: Record<string, readonly unknown[]>, expected: readonly unknown[]) => {
  for (const [way, rows] of Object.entries(ways)) {
    expect([way, ...bytesOf(rows)]).toEqual([way, ...bytesOf(expected)]);
  }
};

const members = [{ replica: 'replica1' }];

const expectNumbers = (ways: Record<string, readonly unknown[]>, own: readonly unknown[]) => {
  for (const [way, rows] of Object.entries(ways)) {
    expect([way, ...rows.map(Number)]).toEqual([way, ...own.map(Number)]);
  }
};

describe('a value of every type', () => {
  const names = Object.keys(EVERY_TYPE);
  const ways: Record<string, readonly unknown[]> = {};
  let expected: readonly Document[] = [];

  beforeAll(async () => {
    expected = names.map((_id) => ({ _id, value: EVERY_TYPE[_id] }));
  });

  it('comes back by each way to it', async () => {
    const opened = await open(expected);
    const sorted = [{ $sort: { _id: 1 as const } }];
    const all = definePipelineClass({
      name: 'all',
      collection: 'values',
      pipeline: sorted,
      members,
    });
    Object.assign(ways, await readEveryWay(opened, all as never, true));
    expect(Object.keys(ways)).toEqual(['member', 'memory', 'remote', 'stream', 'page']);
    const own = await opened.database.collection('values').aggregate(sorted).toArray();
    expectEach(ways, own);
  });

  it.each(names)('is the same to the byte from every tier, by stream and by page: %s', (name) => {
    for (const [way, rows] of Object.entries(ways)) {
      const row = rows.find((one) => (one as Document)._id === name);
      const written = BSON.serialize({ _id: name, value: EVERY_TYPE[name] });
      expect([way, Buffer.from(BSON.serialize(row as Document))]).toEqual([
        way,
        Buffer.from(written),
      ]);
    }
  });
});

describe('a field that is null', () => {
  it('is told apart from a missing one, by each way to it', async () => {
    const opened = await open([{ _id: 1, value: null }, { _id: 2 }]);
    const both = { collection: 'values', pipeline: [{ $sort: { _id: 1 as const } }], members };
    const kept = definePipelineClass({ ...both, name: 'kept' });
    const ways = await readEveryWay(opened, kept as never, true);
    const uncached = definePipelineClass({
      ...both,
      name: 'uncached',
      pipeline: [{ $match: { $sampleRate: 1 } }, ...both.pipeline],
    });
    const cache = await start(opened);
    for (const way of ['uncached', 'uncached again']) {
      const { rows, cache: how } = await cache.read(uncached);
      expect(how).toBe('MISS');
      ways[way] = rows;
    }
    expect(Object.keys(ways)).toHaveLength(7);
    for (const [way, rows] of Object.entries(ways)) {
      const fields = rows.map((row) => Object.entries(row as Document).slice(1));
      expect([way, ...fields]).toEqual([way, [['value', null]], []]);
    }
  });
});

describe('a document at the edge of what the database takes', () => {
  it('is answered, not stored, and told of', { timeout: 30_000 }, async () => {
    const part = 'x'.repeat(1024 * 1024 - 7);
    const text = part.repeat(16);
    // Made by the server, for to replicate so much to each member takes seconds.
    const opened = await open([{ _id: 1, part }]);
    const cache = await start(opened);
    const reasons: string[] = [];
    cache.events.on('notStored', ({ reason }) => reasons.push(reason));
    const edge = definePipelineClass<void, { text: string }>({
      name: 'edge',
      collection: 'values',
      pipeline: [{ $project: { text: { $concat: Array.from({ length: 16 }, () => '$part') } } }],
    });
    const { rows, cache: kept } = await cache.read(edge);
    expect([rows[0]?.text === text, kept]).toEqual([true, 'MISS']);
    expect(reasons).toEqual(['tooLarge']);
    expect(cache.stats().memory.entries).toBe(0);
  });
});

/** Documents whose fields are of any type, the same ones each time. */
const generated = (): Document[] => {
  const any = fc.oneof(
    fc.constantFrom(...Object.values(EVERY_TYPE)),
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.constant(null),
    fc.array(fc.constantFrom(...Object.values(EVERY_TYPE)), { maxLength: 3 }),
  );
  const row = fc.record(
    { group: fc.integer({ min: 0, max: 4 }), any, list: fc.array(any, { maxLength: 3 }) },
    { requiredKeys: ['group'] },
  );
  return fc.sample(row, { numRuns: 60, seed: 42 }).map((fields, _id) => ({ _id, ...fields }));
};

const base = { collection: 'values', members };
const sort = { $sort: { _id: 1 as const } };

const PIPELINES: Readonly<Record<string, readonly Document[]>> = {
  match: [{ $match: { group: { $gte: 2 } } }, sort],
  sort: [{ $sort: { any: -1, _id: 1 } }],
  group: [
    sort,
    {
      $group: { _id: '$group', n: { $sum: 1 }, first: { $first: '$any' }, all: { $push: '$any' } },
    },
    sort,
  ],
  lookup: [
    { $lookup: { from: 'values', localField: '_id', foreignField: 'group', as: 'others' } },
    { $match: { _id: { $lt: 5 } } },
    { $set: { others: { $sortArray: { input: '$others', sortBy: { _id: 1 } } } } },
    sort,
  ],
  unwind: [sort, { $unwind: { path: '$list', includeArrayIndex: 'at' } }],
  facet: [sort, { $facet: { few: [{ $limit: 3 }], n: [{ $count: 'n' }] } }],
  project: [sort, { $project: { type: { $type: '$any' }, any: 1, size: { $bsonSize: '$$ROOT' } } }],
};

describe('on generated data of every type', () => {
  it.each(Object.entries(PIPELINES))(
    'an aggregation is what the driver answers, by every way: %s',
    async (name, pipeline) => {
      const opened = await open(generated());
      const one = definePipelineClass({ ...base, name, pipeline });
      const own = await opened.database
        .collection('values')
        .aggregate([...pipeline])
        .toArray();
      expect(own.length).toBeGreaterThan(0);
      expectEach(await readEveryWay(opened, one as never, true), own);
    },
  );

  it('other kinds of question are what the driver answers, by every way', async () => {
    const opened = await open(generated());
    const values = opened.database.collection('values');
    const filter = { group: 2 };
    const asked: [object, readonly unknown[]][] = [
      [
        defineFindClass({ ...base, name: 'find', filter, sort: { _id: -1 }, skip: 1, limit: 5 }),
        await values.find(filter).sort({ _id: -1 }).skip(1).limit(5).toArray(),
      ],
      [
        defineFindOneClass({ ...base, name: 'findOne', filter: { _id: 7 } }),
        [await values.findOne({ _id: 7 as never })],
      ],
      [
        defineCountClass({ ...base, name: 'count', filter }),
        [await values.countDocuments(filter, { promoteValues: true })],
      ],
      [
        defineDistinctClass({ ...base, name: 'distinct', field: 'any', filter }),
        await values.distinct('any', filter),
      ],
    ];
    for (const [one, own] of asked) {
      const ways = await readEveryWay(opened, one as never, false);
      expect(Object.keys(ways).length).toBeGreaterThan(1);
      // A count is an integer of 32 bits from one, a double from the other.
      if ((one as { name: string }).name === 'count') expectNumbers(ways, own);
      else expectEach(ways, own);
    }
  });

  it('a time that no Date can be is none by every way, as from the driver', async () => {
    const opened = await open([{ _id: 1, at: Long.MAX_VALUE }]);
    const values = opened.database.collection('values');
    await values.updateOne({}, [{ $set: { at: { $toDate: '$at' } } }], { writeConcern: { w: 4 } });
    const one = defineDistinctClass({ ...base, name: 'times', field: 'at' });
    const ways = await readEveryWay(opened, one as never, false);
    const own = await values.distinct('at');
    expect(own).toEqual([new Date(Number.NaN)]);
    for (const [way, rows] of Object.entries(ways)) expect([way, ...rows]).toEqual([way, ...own]);
  });

  it('what is never kept is what the driver answers too', async () => {
    const opened = await open(generated());
    const cache = openCache({ client: opened.client, database: opened.database });
    onTestFinished(() => cache.close());
    const pipeline = [{ $match: { $expr: { $lt: [0, { $add: [{ $rand: {} }, 1] }] } } }, sort];
    const uncached = definePipelineClass({ ...base, name: 'uncached', pipeline });
    for (let n = 0; n < 2; n += 1) {
      const { rows, cache: kept } = await cache.read(uncached);
      expect(kept).toBe('MISS');
      expectEach(
        { uncached: rows },
        await opened.database.collection('values').aggregate(pipeline).toArray(),
      );
    }
  });
});
