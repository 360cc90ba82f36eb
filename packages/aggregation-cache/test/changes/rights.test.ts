import { startGuardedSet, usesForeignServers } from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AggregationCacheEvents, definePipelineClass } from '../../src/index.js';
import { openCache, openClient } from '../support/open-cache.js';
import { soon } from '../support/soon.js';

const titles = definePipelineClass<void, { title: string }>({
  name: 'titles',
  collection: 'contracts',
  pipeline: [{ $project: { _id: 0, title: 1 } }],
});

const open = async (actions: readonly string[]) => {
  const set = await startGuardedSet();
  onTestFinished(() => set.stop());
  const { client: root } = await openClient(set.uri);
  const contracts = root.db('shop').collection('contracts');
  await contracts.insertOne({ title: 'Kitchen' });
  const uri = await set.addUser('reader', [
    { resource: { db: 'shop', collection: '' }, actions: [...actions] },
  ]);
  const { client } = await openClient(uri);
  const cache = openCache({ client, database: 'shop', changes: true });
  const unavailable: AggregationCacheEvents['changesUnavailable'][] = [];
  cache.events.on('changesUnavailable', (event) => {
    unavailable.push(event);
  });
  return { contracts, cache, unavailable };
};

describe.skipIf(usesForeignServers)('a user of a real server', () => {
  it('without the right to watch is told of it once, and served; invalidation by callers counts', async () => {
    const { contracts, cache, unavailable } = await open(['find', 'listCollections']);
    await soon(() => unavailable.length > 0, 'the refusal');
    expect(unavailable).toMatchObject([{ error: { code: 13 } }]);
    expect(cache.stats().changes).toEqual({ role: 'off', stalled: false });
    expect((await cache.read(titles)).rows).toEqual([{ title: 'Kitchen' }]);
    expect((await cache.read(titles)).cache).toBe('HIT');
    await contracts.updateOne({}, { $set: { title: 'Hall' } });
    await cache.invalidate({ collections: ['contracts'] });
    expect((await cache.read(titles)).rows).toEqual([{ title: 'Hall' }]);
    expect(unavailable).toHaveLength(1);
  }, 60_000);

  it('with that right hears of what nobody invalidates', async () => {
    const { contracts, cache, unavailable } = await open([
      'find',
      'listCollections',
      'changeStream',
    ]);
    await cache.read(titles);
    await contracts.updateOne({}, { $set: { title: 'Hall' } });
    await soon(async () => (await cache.read(titles)).rows[0]?.title === 'Hall', 'the change');
    expect(unavailable).toEqual([]);
  }, 60_000);

  it('whose password is wrong is told so at the start, and by what a read ends with', async () => {
    const set = await startGuardedSet();
    onTestFinished(() => set.stop());
    const client = new MongoClient(set.uri.replace(/:[^:@/]+@/, ':wrong@'));
    onTestFinished(() => client.close());
    const cache = openCache({ client, database: 'shop', selectionTimeoutMs: 500 });
    expect(await cache.ready([titles])).toContainEqual(
      expect.stringContaining('Authentication failed'),
    );
    await expect(cache.read(titles)).rejects.toMatchObject({
      code: 'NO_MEMBER',
      cause: { message: 'Authentication failed.' },
    });
  }, 60_000);
});
