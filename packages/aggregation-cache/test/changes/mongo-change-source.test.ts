import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { ChangeStreamEnd } from '../../src/changes/change-source.js';
import { MongoChangeSource } from '../../src/changes/mongo-change-source.js';
import { openClient, openDatabase } from '../support/open-cache.js';
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
