import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { expect, inject, it } from 'vitest';
import { mongoCatalogue } from '../../src/classes/catalogue.js';
import { ViewResolver } from '../../src/classes/view-resolver.js';
import { openClient, openDatabase } from '../support/open-cache.js';

it('a real catalogue tells views, nested ones, time series, capped and collated collections', async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await database.createCollection('base');
  await database.createCollection('people');
  await database.createCollection('inner', {
    viewOn: 'base',
    pipeline: [{ $lookup: { from: 'people', localField: 'p', foreignField: '_id', as: 'p' } }],
  });
  await database.createCollection('outer', {
    viewOn: 'inner',
    pipeline: [{ $facet: { a: [{ $unionWith: 'archive' }] } }],
  });
  await database.createCollection('archive', { viewOn: 'old', pipeline: [] });
  await database.createCollection('weather', { timeseries: { timeField: 't' } });
  await database.createCollection('log', { capped: true, size: 4096 });
  await database.createCollection('names', { collation: { locale: 'de', strength: 1 } });
  const views = new ViewResolver({ catalogue: mongoCatalogue(client), clock: new ManualClock() });
  const name = database.databaseName;
  const named = (names: string[]) => names.map((one) => `${name}.${one}`).sort();
  const outer = await views.resolve(`${name}.outer`, []);
  expect(outer.collections).toEqual(named(['outer', 'inner', 'base', 'people', 'archive', 'old']));
  expect(outer.uncacheable).toBeUndefined();
  expect(await views.resolve(`${name}.weather`, [])).toMatchObject({
    collections: named(['system.buckets.weather', 'weather']),
    unwatched: named(['weather']),
  });
  const known = async (one: string) => (await views.resolve(`${name}.${one}`, [])).knowsDocuments;
  expect(await Promise.all(['base', 'log', 'names', 'outer', 'nothing'].map(known))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
  await database.command({
    collMod: 'outer',
    viewOn: 'base',
    pipeline: [{ $sample: { size: 1 } }],
  });
  views.forget(`${name}.outer`);
  const changed = await views.resolve(`${name}.outer`, []);
  expect(changed.collections).toEqual(named(['base', 'outer']));
  expect(changed.uncacheable).toBe('$sample');
  expect(changed.definitions).not.toBe(outer.definitions);
});

it('a user who may not see definitions sees which collections are views', async () => {
  const asked: object[] = [];
  const found = { v: { type: 'view' }, c: { type: 'collection' } } as Record<string, object>;
  const catalogue = mongoCatalogue({
    db: () => ({
      listCollections: ({ name }: { name: string }, options: { nameOnly?: boolean }) => ({
        toArray: async () => {
          asked.push(options);
          if (options.nameOnly !== true) throw Object.assign(new Error('no'), { code: 13 });
          return found[name] === undefined ? [] : [found[name]];
        },
      }),
    }),
  } as never);
  const views = new ViewResolver({ catalogue, clock: new ManualClock() });
  expect((await views.resolve('shop.c', [])).uncacheable).toBeUndefined();
  expect((await views.resolve('shop.c', [])).knowsDocuments).toBe(false);
  expect((await views.resolve('shop.v', [])).uncacheable).toMatch(/may not be read/);
  expect((await views.resolve('shop.gone', [])).uncacheable).toMatch(/may not be read/);
  expect(asked.at(-1)).toMatchObject({
    authorizedCollections: true,
    readPreference: 'primaryPreferred',
  });
});
