import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FOREIGN_SERVERS_REASON, startReplicaSet, usesForeignServers } from '@nestcms/testbed';
import { BSON, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { isPayTabsError, MemoryIntentStore, money, type NewIntent } from '../src/index.js';
import { type IntentDocument, MongoIntentStore } from '../src/stores/mongodb/index.js';
import { intentStoreConformance } from '../src/testing/index.js';

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
    const store = new MongoIntentStore({ db: mongo.db(databaseName), collectionName });
    await store.ensureIndexes();
    return {
      store,
      collection: mongo.db(databaseName).collection<IntentDocument>(collectionName),
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

  const intent: NewIntent = {
    cartId: 'order-1.1',
    profileId: 98765,
    operation: 'createHostedPage',
    type: 'sale',
    amount: money(14950n, 'AED'),
    begunAt: new Date('2026-09-13T08:00:00Z'),
  };

  it('writes the format its sample shows, and reads that sample', async () => {
    const text = readFileSync(new URL('samples/intent-v1.json', import.meta.url), 'utf8');
    const sample = BSON.EJSON.parse(text) as unknown as IntentDocument;
    const { store, collection } = await openStore();
    await collection.insertOne(sample);
    const read = await store.find('refund-1001-1');
    expect(read).toMatchObject({
      v: 1,
      amount: { minor: 4950n, currency: 'AED' },
      outcome: { kind: 'answered', tranRef: 'TST2625600001240', status: 'A' },
    });

    if (read?.outcome === undefined || read.settledAt === undefined) throw new Error('no outcome');
    const { v: _, outcome, settledAt, ...begun } = read;
    const again = await openStore();
    await again.store.begin(begun);
    await again.store.settle(begun.cartId, { outcome, settledAt });
    const stored = (await again.collection.findOne({ _id: begun.cartId })) as Document;
    expect(stored).toEqual(await collection.findOne({ _id: begun.cartId }));
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
    const cartId = randomUUID();
    await store.begin({ ...intent, cartId });
    await store.settle(cartId, { outcome: { kind: 'notSent' }, settledAt: new Date(0) });
    await store.find(cartId);
    await store.listOpen();
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

  it('refuses a format it does not know, with a sentence', async () => {
    const { store, collection } = await openStore();
    await store.begin(intent);
    await collection.updateOne({ _id: intent.cartId }, { $set: { v: 2 as never } });
    await expect(store.find(intent.cartId)).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      message: expect.stringContaining('format 2'),
    });
  });

  it('settles together with the effect of the caller, or not at all', async () => {
    const { store } = await openStore();
    await store.begin(intent);
    const settlement = {
      outcome: { kind: 'answered', tranRef: 'TST1', status: 'A' },
      settledAt: new Date('2026-09-13T08:01:00Z'),
    } as const;
    const session = mongo.startSession();
    session.startTransaction();
    await store.settle(intent.cartId, settlement, { session });
    expect((await store.find(intent.cartId, { session }))?.outcome).toBeDefined();
    await session.abortTransaction();
    expect((await store.find(intent.cartId))?.outcome).toBeUndefined();

    session.startTransaction();
    await store.settle(intent.cartId, settlement, { session });
    await session.commitTransaction();
    await session.endSession();
    expect((await store.find(intent.cartId))?.outcome).toEqual(settlement.outcome);
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
    expect(await store.find(intent.cartId)).toBeUndefined();
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
    const intent = (cartId: string): NewIntent => ({
      cartId,
      profileId: 98765,
      operation: 'createHostedPage',
      type: 'sale',
      amount: money(14950n, 'AED'),
      begunAt: new Date(0),
    });
    await new MongoIntentStore({ db: mongo.db('paytabs') }).begin(intent('before'));
    const late = { name: 'MongoWriteConcernError' };
    const { primary: _, ...secondaries } = set.members;
    for (const member of Object.values(secondaries)) await member.setLag(true);
    await expect(store.begin(intent('during'))).rejects.toMatchObject(late);
    const settlement = { outcome: { kind: 'notSent' }, settledAt: new Date(0) } as const;
    await expect(store.settle('before', settlement)).rejects.toMatchObject(late);
  }, 60_000);
});
