import type { Db } from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import {
  type AggregationCache,
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
  definePipelineClass,
} from '../../src/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';

const DOCUMENTS = Array.from({ length: 30 }, (_, n) => ({
  _id: n,
  group: n % 3 === 0 ? null : `g${n % 3}`,
  price: n / 2,
  at: new Date(n),
  lines: [n % 4, `l${n % 2}`],
}));

const open = async (): Promise<{ cache: AggregationCache; database: Db }> => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await insertEverywhere(database, 'items', DOCUMENTS);
  return { cache: openCache({ client, database }), database };
};

/** Twice: from the member, and as it was kept. */
const readTwice = async (cache: AggregationCache, pipelineClass: never, params?: unknown) => {
  const first = await cache.read(pipelineClass, params as never);
  const second = await cache.read(pipelineClass, params as never);
  expect([first.cache, second.cache]).toEqual(['MISS', 'HIT']);
  expect(second.rows).toEqual(first.rows);
  return first.rows as readonly unknown[];
};

const base = { name: 'items', collection: 'items' };

describe('each kind of class answers as the driver does', () => {
  it('documents, in their order, by page and by field', async () => {
    const { cache, database } = await open();
    const found = defineFindClass({
      ...base,
      filter: ({ group }: { group: string }) => ({ group, _id: { $gte: 3, $lt: 25 } }),
      sort: { price: -1 },
      skip: 1,
      limit: 5,
      projection: { price: 1, doubled: { $multiply: ['$price', 2] } },
    });
    const items = database.collection('items');
    expect(await readTwice(cache, found as never, { group: 'g1' })).toEqual(
      await items
        .find({ group: 'g1', _id: { $gte: 3, $lt: 25 } as never })
        .sort({ price: -1 })
        .skip(1)
        .limit(5)
        .project({ price: 1, doubled: { $multiply: ['$price', 2] } })
        .toArray(),
    );
  });

  it('one document, or none', async () => {
    const { cache } = await open();
    const one = defineFindOneClass({ ...base, filter: ({ id }: { id: number }) => ({ _id: id }) });
    expect(await readTwice(cache, one as never, { id: 7 })).toEqual([DOCUMENTS[7]]);
    expect(await readTwice(cache, one as never, { id: 77 })).toEqual([]);
  });

  it('a count, also of nothing', async () => {
    const { cache } = await open();
    const count = defineCountClass({
      ...base,
      rows: z.number(),
      filter: ({ group }: { group: string }) => ({ group }),
    });
    expect(await readTwice(cache, count as never, { group: 'g1' })).toEqual([10]);
    expect(await readTwice(cache, count as never, { group: 'none' })).toEqual([0]);
    const page = defineCountClass({ ...base, name: 'page', skip: 25, limit: 3 });
    expect(await readTwice(cache, page as never)).toEqual([3]);
  });

  it('values of a field, of lists as well', async () => {
    const { cache, database } = await open();
    for (const field of ['group', 'lines', 'at']) {
      const values = defineDistinctClass({
        ...base,
        name: field,
        field,
        filter: { _id: { $lt: 9 } },
      });
      expect(await readTwice(cache, values as never)).toEqual(
        await database.collection('items').distinct(field, { _id: { $lt: 9 } as never }),
      );
    }
  });

  it('with the rules of a collation, and with variables', async () => {
    const { cache } = await open();
    const collation = { locale: 'en', strength: 2 };
    const count = defineCountClass({ ...base, filter: { group: 'G1' }, options: { collation } });
    expect(await readTwice(cache, count as never)).toEqual([10]);
    const found = defineFindClass({
      ...base,
      filter: { $expr: { $eq: ['$price', '$$wanted'] } },
      options: { let: { wanted: 3.5 } },
    });
    expect(await readTwice(cache, found as never)).toEqual([DOCUMENTS[7]]);
  });

  it('with a time that stands still', async () => {
    const { cache } = await open();
    const stages = ['$$NOW', { $dateAdd: { startDate: '$$NOW', unit: 'day', amount: 1 } }];
    const timed = definePipelineClass({
      ...base,
      freezeNowMs: 3_600_000,
      pipeline: [
        { $match: { _id: 1, $expr: { $lt: ['$at', '$$NOW'] } } },
        { $project: { now: '$$NOW', list: stages, bucket: { $cond: [true, '$$NOW', null] } } },
        { $group: { _id: '$$NOW', now: { $first: '$now' }, bucket: { $first: '$bucket' } } },
      ],
    });
    const [row] = (await readTwice(cache, timed as never)) as {
      _id: Date;
      now: Date;
      bucket: Date;
    }[];
    expect(row?._id.getTime()).toBe(row?.now.getTime());
    expect((row?._id.getTime() ?? 1) % 3_600_000).toBe(0);
  });
});
