import { BSON } from 'mongodb';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { ChangeStreamEnd } from '../../src/changes/change-source.js';
import { MongoChangeSource } from '../../src/changes/mongo-change-source.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { openCache, openClient, openDatabase } from '../support/open-cache.js';
import { soon } from '../support/soon.js';

const open = async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  const source = new MongoChangeSource({ client, database });
  /** What a stream tells: changes, each with the places told before it, and its end. */
  const watch = (from?: Uint8Array) => {
    const places: Uint8Array[] = [];
    const batches: { dependencies: ReadonlySet<string>; placesBefore: Uint8Array[] }[] = [];
    const ends: ChangeStreamEnd[] = [];
    const close = source.open(from, undefined, {
      changed: ({ dependencies }) => batches.push({ dependencies, placesBefore: [...places] }),
      reached: (place) => places.push(place),
      ended: (why) => ends.push(why),
    });
    onTestFinished(close);
    return { places, batches, ends };
  };
  return { client, database, watch };
};

const UNREADABLE: readonly [string, (data: string) => Uint8Array][] = [
  // Its time is long before all that the server remembers.
  [
    'of a time long ago',
    (data) => BSON.serialize({ _data: `820000000100000001${data.slice(18)}` }),
  ],
  ['cut short', (data) => BSON.serialize({ _data: data.slice(0, 12) })],
  ['with another end', (data) => BSON.serialize({ _data: `${data.slice(0, -2)}07` })],
  ['that is no number', () => BSON.serialize({ _data: 'zz' })],
  ['of nothing', () => BSON.serialize({ _data: '' })],
  ['that is no BSON', () => Buffer.from('nothing that was saved')],
];

describe('a saved place that the server cannot go on from', () => {
  it.each(UNREADABLE)('begins an epoch, and changes are heard of again: %s', async (_, damage) => {
    const { client, database, watch } = await open();
    const live = watch();
    await soon(() => live.places.length > 0, 'the beginning');
    await database.collection('values').insertOne({});
    await soon(() => live.batches.length > 0, 'the write');
    const { _data } = BSON.deserialize(live.places.at(-1) ?? Buffer.of());
    const remote = new InMemoryRemote();
    const store = remote.connect();
    const answer = await store.lease({ key: `changes:${database.databaseName}`, ttlMs: 60_000 });
    const lease = (answer as Extract<typeof answer, { granted: true }>).lease;
    await store.saveProgress(lease, Buffer.concat([Buffer.alloc(8), damage(String(_data))]));
    await store.release(lease);
    const cache = openCache({ client, database, remote: store, changes: { stallMs: 600_000 } });
    const told: string[] = [];
    const reasons: string[] = [];
    cache.events.on('invalidated', ({ dependencies }) => told.push(...dependencies));
    cache.events.on('changesEnded', ({ reason }) => reasons.push(reason));
    await soon(() => told.includes('*'), 'the epoch');
    await database.collection('marks').insertOne({});
    await soon(() => told.includes(`c:${database.databaseName}.marks`), 'the change');
    expect(reasons).toEqual(['historyLost']);
  });
});

describe('a transaction of more events than one answer holds', () => {
  it('is told of whole, to those too who go on from any place told before it', async () => {
    const { client, database, watch } = await open();
    const values = database.collection<{ _id: number }>('values');
    const live = watch();
    await soon(() => live.places.length > 0, 'the beginning');
    await values.insertOne({ _id: -1 });
    const ids = Array.from({ length: 2_500 }, (_, _id) => ({ _id }));
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await values.insertMany(ids, { session });
      }),
    );
    await values.insertOne({ _id: -2 });
    const moved = (id: number) => `d:${database.databaseName}.values:i${id}`;
    const toldWhole = async ({ batches }: ReturnType<typeof watch>) => {
      await soon(() => batches.some(({ dependencies }) => dependencies.has(moved(-2))), 'the end');
      const counts = batches.map(
        ({ dependencies }) => ids.filter(({ _id }) => dependencies.has(moved(_id))).length,
      );
      expect(counts.filter((count) => count > 0)).toEqual([ids.length]);
      return batches.find(({ dependencies }) => dependencies.has(moved(0)))?.placesBefore ?? [];
    };
    await toldWhole(live);
    const placesBefore = await toldWhole(watch(live.places[0]));
    // That behind the write before it, at least.
    expect(placesBefore.length).toBeGreaterThan(0);
    for (const place of placesBefore) await toldWhole(watch(place));
  });
});
