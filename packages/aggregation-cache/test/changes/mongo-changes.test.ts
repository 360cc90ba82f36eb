import type {} from '@nestcms/testbed';
import { until } from '@nestcms/testbed';
import { UUID } from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { type AggregationCacheEvents, definePipelineClass } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';

const titles = definePipelineClass<void, { _id: number; title: string }>({
  name: 'titles',
  collection: 'contracts',
  pipeline: [{ $sort: { _id: 1 } }],
  members: [{ replica: 'replica2' }],
});

const one = definePipelineClass<{ id: number }, { title: string }>({
  name: 'one',
  collection: 'contracts',
  pipeline: ({ id }) => [{ $match: { _id: id } }],
  members: [{ replica: 'replica1' }],
});

/** Two processes on one database, which watch it by one stream. */
const open = async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await insertEverywhere(database, 'contracts', [
    { _id: 1, title: 'Kitchen' },
    { _id: 2, title: 'Bath' },
  ] as never);
  const remote = new InMemoryRemote();
  const start = () =>
    openCache({ client, database, remote: remote.connect(), changes: { stallMs: 600_000 } });
  const caches = [start(), start()];
  const invalidated: AggregationCacheEvents['invalidated'][] = [];
  for (const cache of caches) {
    cache.events.on('invalidated', (event) => {
      if (event.by === 'changes') invalidated.push(event);
    });
  }
  await until(() => invalidated.length > 0, { what: 'the first epoch', timeoutMs: 10_000 });
  const told = (dependency: string) =>
    until(() => invalidated.some(({ dependencies }) => dependencies.includes(dependency)), {
      what: dependency,
      timeoutMs: 10_000,
    });
  return { client, database, caches, invalidated, told };
};

describe('a write that nobody invalidates for', () => {
  it('is heard of by its change event, in every process', async () => {
    const { database, caches, told } = await open();
    for (const cache of caches) await cache.read(titles);
    await database
      .collection('contracts')
      .updateOne({ _id: 1 as never }, { $set: { title: 'Hall' } });
    const namespace = `${database.databaseName}.contracts`;
    await told(`d:${namespace}:i1`);
    for (const cache of caches) {
      expect((await cache.read(titles)).rows.map(({ title }) => title)).toEqual(['Hall', 'Bath']);
    }
  });

  it('is heard of by those who read one document by its bytes, whatever the client makes of bytes', async () => {
    const { client } = await openClient(inject('mongodbUri'), { promoteBuffers: true });
    const database = openDatabase(client);
    const _id = new UUID() as never;
    await insertEverywhere(database, 'contracts', [{ _id, title: 'Kitchen' }]);
    const cache = openCache({ client, database, changes: { stallMs: 600_000 } });
    const changes: string[] = [];
    cache.events.on('invalidated', ({ by, dependencies }) => {
      if (by === 'changes') changes.push(...dependencies);
    });
    const within = { what: 'the change', timeoutMs: 10_000 };
    await until(() => changes.includes('*'), within);
    const byBytes = definePipelineClass<void, { title: string }>({
      name: 'byBytes',
      collection: 'contracts',
      pipeline: [{ $match: { _id } }],
      members: [{ replica: 'replica1' }],
    });
    expect((await cache.read(byBytes)).rows).toMatchObject([{ title: 'Kitchen' }]);
    await database.collection('contracts').updateOne({ _id }, { $set: { title: 'Hall' } });
    // The insert is told of too. Whatever is told comes in the order in which it was written.
    await database.collection('marks').insertOne({});
    await until(() => changes.includes(`c:${database.databaseName}.marks`), within);
    expect((await cache.read(byBytes)).rows).toMatchObject([{ title: 'Hall' }]);
  });

  it('of one transaction is told of at once, though it changes many', async () => {
    const { client, database, invalidated, told } = await open();
    const other = database.collection('payments');
    await database.createCollection('payments');
    const before = invalidated.length;
    await client.withSession((session) =>
      session.withTransaction(async () => {
        const writes = { session };
        await database.collection('contracts').insertOne({ _id: 3 } as never, writes);
        await other.insertOne({ _id: 4 } as never, writes);
      }),
    );
    const { databaseName } = database;
    await told(`d:${databaseName}.payments:i4`);
    const batch = invalidated
      .slice(before)
      .find(({ dependencies }) => dependencies.includes(`d:${databaseName}.payments:i4`));
    expect(batch?.dependencies).toContain(`d:${databaseName}.contracts:i3`);
  });

  it('such as a drop or a rename makes the whole collection void', async () => {
    const { database, caches, told } = await open();
    const { databaseName } = database;
    await caches[0]?.read(one, { id: 1 });
    await database.collection('contracts').rename('agreements');
    await told(`w:${databaseName}.contracts`);
    await told(`w:${databaseName}.agreements`);
    expect((await caches[0]?.read(one, { id: 1 }))?.rows).toEqual([]);
  });

  it('of what a view shows, or of another view in its place, makes its readers ask another question', async () => {
    const { database, caches } = await open();
    const define = (title: string) => [{ $project: { title: { $literal: title } } }];
    const createView = (title: string) =>
      database.createCollection('shown', { viewOn: 'contracts', pipeline: define(title) });
    await createView('first');
    const shown = definePipelineClass<void, { title: string }>({
      name: 'shown',
      collection: 'shown',
      pipeline: [{ $limit: 1 }],
      members: [{ replica: 'replica1' }],
    });
    const keys = new Set<string>();
    for (const cache of caches) cache.events.on('filled', ({ key }) => keys.add(key));
    const seenByAll = (title: string) =>
      until(
        async () => {
          const answers = await Promise.all(caches.map((cache) => cache.read(shown)));
          return answers.every(({ rows }) => rows[0]?.title === title);
        },
        { what: title, timeoutMs: 10_000 },
      );
    await seenByAll('first');
    await database.command({ collMod: 'shown', viewOn: 'contracts', pipeline: define('changed') });
    await seenByAll('changed');
    await database.dropCollection('shown');
    await createView('another');
    await seenByAll('another');
    expect(keys.size).toBeGreaterThanOrEqual(3);
  });
});
