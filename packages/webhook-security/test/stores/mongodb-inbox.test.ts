import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BSON, type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMongoInboxStore, type InboxDocument } from '../../src/stores/mongodb/index.js';
import { deliveryOf, failure } from '../../src/testing/inbox-check.js';
import { inboxStoreConformance } from '../../src/testing/index.js';
import { refusesUnreadableEntry } from './unreadable-entry.js';
import { withUpdates } from './updates-of.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the MongoDB inbox store', () => {
  let client: MongoClient;
  let db: Db;
  const commands: { name: string; writeConcern: unknown }[] = [];
  const newInbox = () => {
    const collection = db.collection<InboxDocument>(`inbox-${randomUUID()}`);
    return { collection, store: createMongoInboxStore({ collection }) };
  };
  beforeAll(() => {
    client = new MongoClient(inject('mongodbUri'), { monitorCommands: true });
    client.on('commandStarted', ({ commandName, command }) =>
      commands.push({ name: commandName, writeConcern: command.writeConcern }),
    );
    db = client.db(`test-${randomUUID().slice(0, 8)}`);
  });
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });

  const checks = inboxStoreConformance(async () => {
    const { store } = newInbox();
    await store.ensureIndexes();
    return { store, passTime: sleep, shortMs: 1_500 };
  });
  it.concurrent.for(checks)('conforms: $name', ({ run }, { expect }) =>
    expect(run()).resolves.toBeUndefined(),
  );

  interface Sample {
    readonly documents: readonly {
      readonly document: object;
      readonly reads: 'taken' | 'known' | 'dead';
      readonly attempt?: number;
    }[];
  }

  it.each(['mongodb-inbox-v1.json'])('reads the stored sample %s', async (file) => {
    const text = readFileSync(new URL(`../samples/${file}`, import.meta.url), 'utf8');
    const { documents } = JSON.parse(text) as Sample;
    const { store, collection } = newInbox();
    const stored = documents.map(({ document, ...more }) => ({
      ...more,
      document: BSON.EJSON.deserialize(document) as InboxDocument,
    }));
    for (const { document } of stored) {
      await collection.insertOne(document);
      expect(await store.add(document._id, deliveryOf('other'))).toBe('known');
    }
    const taken = await store.take({ token: 't', leaseMs: 60_000, limit: 10 });
    expect(taken.unreadable).toEqual([]);
    expect(taken.entries).toEqual(
      stored
        .filter(({ reads }) => reads === 'taken')
        .map(({ document, attempt }) => ({
          key: document._id,
          attempt,
          delivery: Object.fromEntries(
            Object.entries(document.delivery ?? {}).map(([name, value]) => [
              name,
              value ?? undefined,
            ]),
          ),
        })),
    );
    expect((await store.deadLetters({ limit: 10 })).entries).toEqual([
      expect.objectContaining({ attempts: 12, buriedAt: Date.UTC(2026, 8, 22, 0, 0, 0, 500) }),
    ]);
    expect(await store.replay(stored.at(-1)?.document._id as string)).toBe(true);
  });

  it('writes documents of the shape of its sample', async () => {
    const { store, collection } = newInbox();
    const read = () => collection.findOne({ _id: 'a' });
    const lease = { token: 't', leaseMs: 60_000, limit: 1 };
    const { tenant: _tenant, staleness: _staleness, ...rest } = deliveryOf('a');
    await store.add('a', deliveryOf('a'));
    const open = {
      _id: 'a',
      v: 1,
      state: 'open',
      at: expect.any(Date),
      attempts: 0,
      token: null,
      addedBy: expect.any(String),
      delivery: { tenant: null, staleness: null, ...rest },
      error: null,
      expiresAt: null,
    };
    expect(await read()).toEqual(open);
    await store.take(lease);
    expect(await read()).toEqual({ ...open, attempts: 1, token: 't' });
    await store.retry('a', { token: 't', delayMs: 0, error: failure });
    expect(await read()).toEqual({ ...open, attempts: 1, error: failure });
    await store.take(lease);
    await store.bury('a', { token: 't', error: { name: 'Error' } });
    const dead = { ...open, state: 'dead', attempts: 2, error: { name: 'Error' } };
    expect(await read()).toEqual(dead);
    await store.replay('a');
    expect(await read()).toEqual(open);
    await store.take(lease);
    await store.complete('a', { token: 't', keepMs: 60_000 });
    const expiresAt = expect.any(Date);
    const completed = { ...open, state: 'completed', attempts: 1, delivery: null, expiresAt };
    expect(await read()).toEqual(completed);
  });

  const fields = {
    state: 'open',
    at: new Date(0),
    attempts: 0,
    token: 't',
    delivery: { ...deliveryOf('a'), tenant: null, staleness: null },
    error: failure,
    expiresAt: null,
  };
  const unknown: readonly object[] = [
    { ...fields, v: 2 },
    { ...fields, v: '1' },
    fields,
    { v: 2, status: 'parked', until: new Date(0) },
    { ...fields, v: 2, state: 'completed', expiresAt: new Date(0) },
    { ...fields, v: 1, attempts: 'many' },
    { ...fields, v: 1, delivery: null },
    { ...fields, v: 1, delivery: { ...fields.delivery, payload: 7 } },
  ];
  it.each(unknown)('neither changes %j nor is held up by it', async (document) => {
    const { store, collection } = newInbox();
    const stored = { _id: 'a', ...document };
    await collection.insertOne(stored as never);
    await refusesUnreadableEntry(store, 5);
    expect(await collection.findOne({ _id: 'a' })).toEqual(stored);
  });

  it('takes by an index that ends at what is not due yet', async () => {
    const { store, collection } = newInbox();
    await store.ensureIndexes();
    await store.ensureIndexes();
    expect(await collection.indexes()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
    for (let index = 0; index < 50; index += 1) await store.add(`${index}`, deliveryOf('a'));
    await store.take({ token: 't', leaseMs: 60_000, limit: 50 });
    const filter = { v: 1, state: 'open', $expr: { $lte: ['$at', '$$NOW'] } } as const;
    const { executionStats } = await collection
      .find({ ...filter, at: { $type: 'date' } })
      .sort({ at: 1 })
      .limit(1)
      .explain('executionStats');
    expect(executionStats.nReturned).toBe(0);
    expect(executionStats.totalDocsExamined).toBe(0);
    expect(executionStats.totalKeysExamined).toBeLessThan(5);
  });

  it('waits for the majority with each write', async () => {
    const { store } = newInbox();
    commands.length = 0;
    const lease = { token: 't', leaseMs: 60_000, limit: 1 };
    await store.add('a', deliveryOf('a'));
    await store.take(lease);
    await store.renew('a', lease);
    await store.retry('a', { ...lease, delayMs: 0, error: failure });
    await store.take(lease);
    await store.bury('a', { ...lease, error: failure });
    await store.replay('a');
    await store.take(lease);
    await store.complete('a', { ...lease, keepMs: 60_000 });
    const majority = { w: 'majority' };
    expect(commands.map(({ writeConcern }) => writeConcern)).toEqual(
      Array.from({ length: 9 }, () => majority),
    );
  });

  it('gives what it took before the server failed', async () => {
    const { store, collection } = newInbox();
    for (const key of ['a', 'b']) await store.add(key, deliveryOf(key));
    const failing = withUpdates(collection, (call, update) =>
      call === 1 ? update() : Promise.reject(new Error('not primary')),
    );
    const lease = { token: 't', leaseMs: 60_000, limit: 2 };
    const flaky = createMongoInboxStore({ collection: failing });
    expect((await flaky.take(lease)).entries).toHaveLength(1);
    await expect(flaky.take(lease)).rejects.toThrow('not primary');
  });

  it('refuses what is no collection', () => {
    expect(() => createMongoInboxStore({ collection: {} as never })).toThrow(
      /^collection is an object; /,
    );
  });
});
