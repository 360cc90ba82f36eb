import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';
import { soon } from '../support/soon.js';

const values = definePipelineClass<{ n: number }, { value: number }>({
  name: 'values',
  collection: 'values',
  pipeline: ({ n }) => [{ $set: { n } }],
  members: [{ replica: 'replica2' }],
});

describe('everything', () => {
  it('is invalidated by a new epoch, and what others have in the same Redis stays', async () => {
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    await insertEverywhere(database, 'values', [{ _id: 1, value: 1 }]);
    const redis = new Redis(inject('redisStateUrl'));
    onTestFinished(() => redis.disconnect());
    const keyPrefix = randomUUID();
    const foreign = [`{${keyPrefix}x}:mine`, `${keyPrefix}:mine`, `mine:{${keyPrefix}}`];
    for (const key of foreign) await redis.set(key, 'mine', 'EX', 60);
    const remote = await openStore(inject('redisStateUrl'), { keyPrefix });
    const cache = openCache({ client, database, remote });
    await cache.read(values, { n: 1 });
    await database.collection('values').updateOne({}, { $set: { value: 2 } });
    await cache.invalidate({ all: true });
    expect((await cache.read(values, { n: 1 })).rows[0]?.value).toBe(2);
    expect(await redis.mget(foreign)).toEqual(foreign.map(() => 'mine'));
  });
});

describe('a tag whose record Redis has evicted', () => {
  it('brings back nothing that it had made void, though the bytes still lie there', async () => {
    const tagged = definePipelineClass<void, { value: number }>({
      name: 'tagged',
      collection: 'values',
      pipeline: [{ $project: { _id: 0, value: 1 } }],
      tags: ['reports'],
    });
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    await insertEverywhere(database, 'values', [{ value: 1 }]);
    const redis = new Redis(inject('redisCacheUrl'));
    onTestFinished(() => redis.disconnect());
    const keyPrefix = randomUUID();
    const open = async () =>
      openCache({
        client,
        database,
        remote: await openStore(inject('redisCacheUrl'), { keyPrefix }),
      });
    const keysOf = (kind: string) => redis.keys(`{${keyPrefix}}:${kind}:*`);
    const [one, other] = [await open(), await open()];
    await one.read(tagged);
    await soon(async () => (await keysOf('v3')).length === 1, 'the stored value');
    await database.collection('values').updateOne({}, { $set: { value: 2 } });
    await one.invalidate({ tags: ['reports'] });
    const records = (await keysOf('g')).filter((key) => key.endsWith('reports'));
    expect(await redis.del(records)).toBe(1);
    // What was stored under the first record is still there for a record that counts from the start again.
    expect(await keysOf('v3')).toHaveLength(1);
    for (const cache of [other, one]) {
      expect((await cache.read(tagged)).rows).toEqual([{ value: 2 }]);
    }
  });
});

describe('a hundred callers who give up', () => {
  it('close no connection to the database', async () => {
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    await insertEverywhere(database, 'values', [{ _id: 1, value: 1 }]);
    const cache = openCache({ client, database });
    await cache.read(values, { n: -1 });
    let closed = 0;
    client.on('connectionClosed', () => {
      closed += 1;
    });
    const giveUp = new AbortController();
    const reads = Array.from({ length: 100 }, (_, n) =>
      cache.read(values, { n }, { signal: giveUp.signal }),
    );
    const ends = Promise.allSettled(reads);
    await new Promise(setImmediate);
    giveUp.abort();
    const rejected = (await ends).filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    expect((await cache.read(values, { n: 99 })).rows).toHaveLength(1);
    expect(closed).toBe(0);
  });
});

describe('a Redis that is not there', () => {
  it.each(['of its own', 'given'])(
    'ends no process, though the application listens to no error: subscriber %s',
    async (whose) => {
      const redis = new Redis({ port: 1, host: '127.0.0.1', retryStrategy: () => 20 });
      const duplicated = vi.spyOn(redis, 'duplicate');
      const given = whose === 'given' ? redis.duplicate() : undefined;
      const store = createRedisRemoteStore({ redis, subscriber: given, timeoutMs: 20 });
      const end = store.subscribe({ moved: () => {}, stateChanged: () => {} });
      const connections = [redis, ...duplicated.mock.results.map(({ value }) => value as Redis)];
      onTestFinished(async () => {
        await store.close();
        for (const one of connections) one.on('error', () => {}).disconnect();
      });
      expect(connections).toHaveLength(2);
      // An emitter without a listener throws, or complains on the console.
      for (const one of connections) expect(one.listenerCount('error')).toBeGreaterThan(0);
      await expect(store.look('k', ['*'])).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
      expect(store.state).toBe('away');
      end();
    },
  );
});
