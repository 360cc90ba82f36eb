import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FOREIGN_SERVERS_REASON, startReplicaSet, usesForeignServers } from '@nestcms/testbed';
import { BSON, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { type Intent, isPayTabsError, MemoryIntentStore, money } from '../src/index.js';
import { MongoIntentStore, type UnreadableIntent } from '../src/stores/mongodb/index.js';
import { intentStoreConformance } from '../src/testing/index.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';

/** Under a name of its profile's, as it lies in the collection. */
interface StoredIntent extends Document {
  readonly _id: string;
}

const idOf = ({ profileId, cartId }: Intent): string => `${profileId}:${cartId}`;

describe('the memory store', () => {
  it.each(intentStoreConformance.map((check) => [check.name, check] as const))(
    '%s',
    async (_, check) => {
      await expect(check.run(new MemoryIntentStore())).resolves.toBeUndefined();
    },
  );
});

describe('the MongoDB store', () => {
  const databaseName = `paytabs_${randomUUID().slice(0, 8)}`;
  let mongo: MongoClient;

  const openStore = async () => {
    const collectionName = randomUUID();
    const told: UnreadableIntent[] = [];
    const onUnreadable = (unreadable: UnreadableIntent) => told.push(unreadable);
    const db = mongo.db(databaseName);
    const store = new MongoIntentStore({ db, collectionName, onUnreadable });
    await store.ensureIndexes();
    return {
      store,
      told,
      name: collectionName,
      collection: mongo.db(databaseName).collection<StoredIntent>(collectionName),
      reopen: () => new MongoIntentStore({ db: mongo.db(databaseName), collectionName }),
    };
  };

  beforeAll(async () => {
    mongo = await MongoClient.connect(inject('mongodbUri'));
  });
  afterAll(async () => {
    await mongo.db(databaseName).dropDatabase();
    await mongo.close();
  });

  it.each(intentStoreConformance.map((check) => [check.name, check] as const))(
    '%s',
    async (_, check) => {
      const { store, reopen } = await openStore();
      await expect(check.run(store, reopen)).resolves.toBeUndefined();
    },
  );

  it('writes the format its sample shows, and reads that sample', async () => {
    const text = readFileSync(new URL('samples/intent-v2.json', import.meta.url), 'utf8');
    const sample = BSON.EJSON.parse(text) as unknown as StoredIntent;
    const { store, collection } = await openStore();
    await collection.insertOne(sample);
    const read = await store.find({ profileId: 98765, cartId: 'refund-1001-1' });
    const total = { minor: 4950n, currency: 'AED' };
    expect(read).toMatchObject({
      v: 2,
      amount: total,
      sendBefore: new Date('2026-09-13T08:00:30Z'),
      state: { name: 'done', seen: { tranRef: 'TST2625600001240', status: 'A', total } },
      dueAt: new Date('2026-09-13T08:01:01Z'),
    });

    if (read === undefined) throw new Error('The sample was not read.');
    const again = await openStore();
    await again.store.begin({ ...read, revision: 0, state: { name: 'begun' } });
    expect(await again.store.replace(read)).toBe(true);
    const stored = await again.collection.findOne({ _id: idOf(read) });
    expect(stored).toEqual(await collection.findOne({ _id: idOf(read) }));
  });

  it('asks and writes with majority on the primary, whatever its database was opened with', async () => {
    const client = await MongoClient.connect(inject('mongodbUri'), {
      monitorCommands: true,
      readPreference: 'secondaryPreferred',
      readConcern: { level: 'local' },
      writeConcern: { w: 1 },
    });
    onTestFinished(() => client.close());
    const sent: Document[] = [];
    client.on('commandStarted', ({ command }) => sent.push(command));
    const store = new MongoIntentStore({ db: client.db(databaseName), timeoutMs: 4_000 });
    const begun = { ...intent, cartId: randomUUID() };
    await store.begin(begun);
    await store.replace(notSent(begun));
    await store.find(begun);
    await store.listDue({ profileId: begun.profileId, dueBefore: begun.begunAt });
    const shapes = sent.map(({ insert, update, find, $readPreference, ...command }) => ({
      kind: insert ? 'insert' : update ? 'update' : find ? 'find' : 'other',
      mode: $readPreference?.mode ?? 'primary',
      level: command.readConcern?.level,
      write: command.writeConcern && { ...command.writeConcern },
      maxTimeMS: command.maxTimeMS,
    }));
    const write = { w: 'majority', j: true, wtimeout: 4_000 };
    const common = { mode: 'primary', maxTimeMS: 4_000 };
    expect(shapes).toEqual([
      { kind: 'insert', level: undefined, write, ...common },
      { kind: 'update', level: undefined, write, ...common },
      { kind: 'find', level: 'majority', write: undefined, ...common },
      { kind: 'find', level: 'majority', write: undefined, ...common },
    ]);
  });

  it.each([
    ['v', 3],
    ['state.name', 'paid'],
    ['amount.currency', 'XXX'],
  ])('refuses a format it does not know, with a sentence: %s is %s', async (field, value) => {
    const { store, collection } = await openStore();
    await store.begin(intent);
    await collection.updateOne({ _id: idOf(intent) }, { $set: { [field]: value } });
    await expect(store.find(intent)).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cartId: intent.cartId,
      message: expect.stringContaining(`field "${field}"`),
    });
  });

  it('passes over what is due and cannot be read, says so, and lists as many others as it was asked for', async () => {
    const { store, collection, told } = await openStore();
    const { profileId } = intent;
    const due = (second: number) => new Date(Date.UTC(2026, 8, 13, 9, 0, second));
    for (const [index, cartId] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await store.begin({ ...intent, cartId, dueAt: due(index) });
    }
    const damage = (cartId: string, change: Document) =>
      collection.updateOne({ _id: idOf({ ...intent, cartId }) }, { $set: change });
    await damage('a', { 'state.name': 'paid' });
    await damage('c', { amount: 5 });
    // Not for this version, so nothing to tell of.
    await damage('b', { v: 3 });
    const listed = await store.listDue({ profileId, dueBefore: due(59), limit: 2 });
    expect(listed.map(({ cartId }) => cartId)).toEqual(['d', 'e']);
    const failed = (field: string) => ({
      code: 'INTENT_STORE_FAILED',
      message: expect.stringContaining(`field "${field}"`),
    });
    expect(told).toMatchObject([
      { cartId: 'a', error: failed('state.name') },
      { cartId: 'c', error: failed('amount') },
    ]);
  });

  it('warns of it once where nobody asked to be told, and minds no listener that fails', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const { collection, name } = await openStore();
    const open = (more: object) =>
      new MongoIntentStore({ db: mongo.db(databaseName), collectionName: name, ...more });
    const store = open({});
    await store.begin(intent);
    await collection.updateOne({ _id: idOf(intent) }, { $set: { type: '' } });
    const list = (from: MongoIntentStore) =>
      from.listDue({ profileId: intent.profileId, dueBefore: new Date() });
    expect([await list(store), await list(store)]).toEqual([[], []]);
    expect(warned.mock.calls).toEqual([
      [expect.stringContaining(`"${intent.cartId}"`), 'PayTabsWarning'],
    ]);
    const failing = open({ onUnreadable: () => Promise.reject(new Error('Listener is broken')) });
    expect(await list(failing)).toEqual([]);
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2), 10_000);
    expect(warned.mock.calls[1]?.[0]).toContain('Listener is broken');
  });

  it('replaces nothing that another version wrote', async () => {
    const { store, collection } = await openStore();
    await store.begin(intent);
    await collection.updateOne({ _id: idOf(intent) }, { $set: { v: 3 } });
    expect(await store.replace(notSent(intent))).toBe(false);
  });

  it('replaces together with the effect of the caller, or not at all', async () => {
    const { store } = await openStore();
    await store.begin(intent);
    const next = notSent(intent);
    const session = mongo.startSession();
    session.startTransaction();
    expect(await store.replace(next, { session })).toBe(true);
    expect(await store.find(intent, { session })).toEqual(next);
    await session.abortTransaction();
    expect(await store.find(intent)).toEqual(intent);

    session.startTransaction();
    expect(await store.replace(next, { session })).toBe(true);
    await session.commitTransaction();
    await session.endSession();
    expect(await store.find(intent)).toEqual(next);
  });

  it('refuses to begin inside a transaction, whose abort would forget a request that was sent', async () => {
    const { store } = await openStore();
    const session = mongo.startSession();
    session.startTransaction();
    await expect(store.begin(intent, { session })).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
    });
    await session.abortTransaction();
    await session.endSession();
    expect(await store.find(intent)).toBeUndefined();
  });

  it.each([0, 1.5, 600_001, Number.NaN, '5' as never])('refuses the time limit %s', (timeoutMs) => {
    let thrown: unknown;
    try {
      new MongoIntentStore({ db: mongo.db(databaseName), timeoutMs });
    } catch (error) {
      thrown = error;
    }
    expect(isPayTabsError(thrown, 'INVALID_OPTION')).toBe(true);
  });

  it('refuses amounts that 64 bits cannot hold', async () => {
    const { store } = await openStore();
    const amount = money(2n ** 64n, 'AED');
    await expect(store.begin({ ...intent, amount })).rejects.toMatchObject({
      code: 'INVALID_MONEY',
    });
  });
});

describe.skipIf(usesForeignServers)(`without a majority (${FOREIGN_SERVERS_REASON})`, () => {
  it('a write of the store ends at its time limit', async () => {
    const set = await startReplicaSet({ lagControl: true });
    onTestFinished(() => set.stop());
    const mongo = await MongoClient.connect(set.uri);
    onTestFinished(() => mongo.close(true));
    const store = new MongoIntentStore({ db: mongo.db('paytabs'), timeoutMs: 300 });
    await new MongoIntentStore({ db: mongo.db('paytabs') }).begin(intent);
    const late = { name: 'MongoWriteConcernError' };
    const { primary: _, ...secondaries } = set.members;
    for (const member of Object.values(secondaries)) await member.setLag(true);
    const during = store.begin({ ...intent, cartId: 'during' });
    await expect(during).rejects.toMatchObject(late);
    await expect(store.replace(notSent(intent))).rejects.toMatchObject(late);
  }, 60_000);
});
