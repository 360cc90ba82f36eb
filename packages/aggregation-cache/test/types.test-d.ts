import type { GuardedEmitter } from '@nestcms/circuit-breaker';
import { Redis } from 'ioredis';
import { type Document, MongoClient, type ObjectId } from 'mongodb';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  AggregationCache,
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
  definePipelineClass,
  isAggregationCacheError,
  type RemoteStore,
} from '../src/index.js';
import { createRedisRemoteStore } from '../src/stores/redis/index.js';

const cache = new AggregationCache({
  client: new MongoClient('mongodb://127.0.0.1'),
  database: 'shop',
});

describe('the types of a class', () => {
  it('come from its builder', () => {
    const details = definePipelineClass({
      name: 'details',
      collection: 'contracts',
      pipeline: ({ id }: { id: ObjectId }) => [{ $match: { _id: id } }],
    });
    expectTypeOf<Awaited<ReturnType<typeof readDetails>>>().toEqualTypeOf<readonly Document[]>();
    const readDetails = async () => {
      // @ts-expect-error parameters of another type
      await cache.read(details, { id: 5 });
      // @ts-expect-error no parameters
      await cache.read(details);
      return (await cache.read(details, { id: {} as ObjectId })).rows;
    };
  });

  it('come from its schemas, input and output apart', () => {
    const totals = definePipelineClass({
      name: 'totals',
      collection: 'payments',
      params: z.object({ month: z.string().transform(Number) }),
      rows: z.object({ total: z.number() }),
      pipeline: ({ month }) => {
        expectTypeOf(month).toEqualTypeOf<number>();
        return [{ $match: { month } }];
      },
    });
    const readTotals = () => cache.read(totals, { month: '5' });
    expectTypeOf<Awaited<ReturnType<typeof readTotals>>['rows']>().toEqualTypeOf<
      readonly { total: number }[]
    >();
  });

  it('may be named by hand', () => {
    const named = definePipelineClass<{ id: number }, { total: number }>({
      name: 'named',
      collection: 'payments',
      pipeline: ({ id }) => [{ $match: { id } }],
    });
    const readNamed = () => cache.read(named, { id: 1 });
    expectTypeOf<Awaited<ReturnType<typeof readNamed>>['rows']>().toEqualTypeOf<
      readonly { total: number }[]
    >();
  });

  it('of other kinds are documents, numbers and values', () => {
    const found = defineFindClass({
      name: 'found',
      collection: 'a',
      rows: z.object({ total: z.number() }),
      filter: ({ id }: { id: number }) => ({ id }),
    });
    const first = defineFindOneClass<{ id: number }, { total: number }>({
      name: 'first',
      collection: 'a',
      filter: ({ id }) => ({ id }),
      sort: { total: -1 },
    });
    const counted = defineCountClass({ name: 'counted', collection: 'a' });
    const values = defineDistinctClass<string>({ name: 'values', collection: 'a', field: 'b' });
    const readAll = async () => ({
      found: (await cache.read(found, { id: 1 })).rows,
      first: (await cache.read(first, { id: 1 })).rows,
      counted: (await cache.read(counted)).rows,
      values: (await cache.read(values)).rows,
    });
    expectTypeOf<Awaited<ReturnType<typeof readAll>>>().toEqualTypeOf<{
      found: readonly { total: number }[];
      first: readonly { total: number }[];
      counted: readonly number[];
      values: readonly string[];
    }>();
  });

  it('need no parameters where there are none', () => {
    const all = definePipelineClass({ name: 'all', collection: 'a', pipeline: [] });
    const readAll = () => cache.read(all);
    expectTypeOf<Awaited<ReturnType<typeof readAll>>['rows']>().toEqualTypeOf<
      readonly Document[]
    >();
  });
});

describe('the types around it', () => {
  it('take classes of any parameters and rows in one list', () => {
    const byId = defineFindOneClass<{ id: number }, { n: number }>({
      name: 'byId',
      collection: 'a',
      filter: ({ id }) => ({ _id: id }),
    });
    const parsed = definePipelineClass({
      name: 'parsed',
      collection: 'a',
      params: z.object({ id: z.string().transform(Number) }),
      rows: z.object({ n: z.number() }),
      pipeline: [],
    });
    const all = [
      byId,
      parsed,
      definePipelineClass<void>({ name: 'b', collection: 'a', pipeline: [] }),
    ];
    expectTypeOf(all).toExtend<Parameters<AggregationCache['warmUp']>[1]>();
    expectTypeOf(all).toExtend<NonNullable<Parameters<AggregationCache['ready']>[0]>>();
  });

  it('take a client of ioredis', () => {
    const store = createRedisRemoteStore({ redis: new Redis({ lazyConnect: true }) });
    expectTypeOf(store).toEqualTypeOf<RemoteStore>();
  });

  it('narrow an error by its code', () => {
    const error: unknown = undefined;
    if (isAggregationCacheError(error, 'NO_MEMBER')) {
      expectTypeOf(error.details.pipelineClass).toEqualTypeOf<string>();
    }
  });

  it('name every event', () => {
    expectTypeOf(cache.events).toExtend<GuardedEmitter<{ readonly hit: { key: string } }>>();
  });
});
