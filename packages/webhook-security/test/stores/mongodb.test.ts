import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BSON, type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  createMongoReplayStore,
  type MongoReplayStore,
  type ReplayDocument,
} from '../../src/stores/mongodb/index.js';
import { replayStoreConformance } from '../../src/testing/index.js';
import { withUpdates } from './updates-of.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the MongoDB replay store', () => {
  let client: MongoClient;
  let collection: Collection<ReplayDocument>;
  let store: MongoReplayStore;
  const commands: { name: string; writeConcern: unknown }[] = [];

  beforeAll(async () => {
    client = new MongoClient(inject('mongodbUri'), { monitorCommands: true });
    client.on('commandStarted', ({ commandName, command }) =>
      commands.push({ name: commandName, writeConcern: command.writeConcern }),
    );
    collection = client.db(`test-${randomUUID().slice(0, 8)}`).collection('webhookReplay');
    store = createMongoReplayStore({ collection });
    await store.ensureIndexes();
  });
  afterAll(async () => {
    await client.db(collection.dbName).dropDatabase();
    await client.close();
  });

  const checks = replayStoreConformance(() => ({ store, passTime: sleep, shortMs: 1_500 }));
  it.concurrent.for(checks)('conforms: $name', ({ run }, { expect }) =>
    expect(run()).resolves.toBeUndefined(),
  );

  interface Sample {
    readonly documents: readonly { readonly document: object; readonly reads: string }[];
  }

  it.each(['mongodb-replay-v1.json'])('reads the stored sample %s', async (file) => {
    const sample = JSON.parse(
      readFileSync(new URL(`../samples/${file}`, import.meta.url), 'utf8'),
    ) as Sample;
    for (const { document, reads } of sample.documents) {
      const stored = BSON.EJSON.deserialize(document) as ReplayDocument;
      await collection.insertOne(stored);
      expect(await store.claim(stored._id, { claimMs: 1_000, token: 'mine' })).toBe(reads);
    }
  });

  it('writes documents of the shape of its sample', async () => {
    await store.claim('written', { claimMs: 60_000, token: 'mine' });
    const claimed = await collection.findOne({ _id: 'written' });
    expect(claimed).toEqual({
      _id: 'written',
      v: 1,
      state: 'claimed',
      token: 'mine',
      expiresAt: expect.any(Date),
    });
    await store.confirm('written', { keepMs: 60_000 });
    expect(await collection.findOne({ _id: 'written' })).toEqual({
      ...claimed,
      state: 'confirmed',
      token: null,
      expiresAt: expect.any(Date),
    });
  });

  const until = new Date('2126-01-01');
  const over = new Date('2026-01-01');
  /** Nothing is removed from it by the server while a test looks. */
  const unindexed = () =>
    client.db(collection.dbName).collection<ReplayDocument>('webhookReplayUnindexed');
  const newer: readonly object[] = [
    { v: 2, expiresAt: until },
    { v: 2, state: 'confirmed' },
    { v: 2, status: 'done', until },
    { v: 2, expiresAt: '2126-01-01T00:00:00Z' },
    { v: 2, expiresAt: 1e15 },
    { v: 2, state: 'claimed', token: 'mine', expiresAt: over },
    { v: '1', state: 'claimed', token: 'mine', expiresAt: over },
    { state: 'claimed', token: 'mine', expiresAt: over },
  ];
  const damaged: readonly object[] = [
    { v: 1, state: 'confirmed', token: null, expiresAt: null },
    { v: 1, state: 'confirmed', token: null },
    { v: 1, state: 'confirmed', token: null, expiresAt: 1 },
    { v: 1, state: 'claimed', token: 'mine', expiresAt: '2026-01-01' },
    { v: 1, state: 'handled', token: null, expiresAt: over },
    { v: 1, state: 'handled', token: null, expiresAt: until },
    { v: 1, token: 'mine', expiresAt: over },
  ];

  it.each([...newer, ...damaged].map((fields) => [fields]))(
    'neither gives %j away nor changes it',
    async (fields) => {
      const stored = { _id: randomUUID(), ...fields };
      await unindexed().insertOne(stored as never);
      await expect(
        createMongoReplayStore({ collection: unindexed() }).claim(stored._id, {
          claimMs: 1_000,
          token: 'mine',
        }),
      ).rejects.toMatchObject({ code: 'STORE_FORMAT' });
      expect(await unindexed().findOne({ _id: stored._id })).toEqual(stored);
    },
  );

  it.each(newer.map((fields) => [fields]))('does not confirm over %j', async (fields) => {
    const stored = { _id: randomUUID(), ...fields };
    await unindexed().insertOne(stored as never);
    const bare = createMongoReplayStore({ collection: unindexed() });
    await expect(bare.confirm(stored._id, { keepMs: 60_000 })).rejects.toMatchObject({
      code: 'STORE_FORMAT',
    });
    expect(await unindexed().findOne({ _id: stored._id })).toEqual(stored);
  });

  it('has the server remove what ran out', async () => {
    expect(await collection.indexes()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
    await expect(store.ensureIndexes()).resolves.toBeUndefined();
  });

  it('waits for the majority with each write', async () => {
    commands.length = 0;
    await store.claim('durable', { claimMs: 60_000, token: 'a' });
    await store.confirm('durable', { keepMs: 60_000 });
    await store.release('durable', { token: 'a' });
    expect(commands).toEqual([
      { name: 'findAndModify', writeConcern: { w: 'majority' } },
      { name: 'findAndModify', writeConcern: { w: 'majority' } },
      { name: 'delete', writeConcern: { w: 'majority' } },
    ]);
  });

  it('takes a token as text, whatever it looks like', async () => {
    expect(await store.claim('odd', { claimMs: 60_000, token: '$expiresAt' })).toBe('claimed');
    expect(await store.claim('odd', { claimMs: 60_000, token: '$token' })).toBe('claimedElsewhere');
  });

  it('tries again where two first writes met in one insert', async () => {
    let calls = 0;
    const racing = withUpdates(collection, (_call, update) => {
      calls += 1;
      return calls === 1
        ? Promise.reject(Object.assign(new Error('E11000'), { code: 11_000 }))
        : update();
    });
    const raced = createMongoReplayStore({ collection: racing });
    expect(await raced.claim('raced', { claimMs: 60_000, token: 'a' })).toBe('claimed');
    expect(calls).toBe(2);
    calls = 0;
    await raced.confirm('raced', { keepMs: 60_000 });
    expect(calls).toBe(2);
  });

  it('refuses what is no collection', () => {
    expect(() => createMongoReplayStore({ collection: {} as never })).toThrow(
      /^collection is an object; /,
    );
  });
});
