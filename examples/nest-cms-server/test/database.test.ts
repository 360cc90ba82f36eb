import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { MongoServerError, MongoServerSelectionError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/platform/http/problem.js';
import { ensureCollections } from '../src/platform/mongo/schema.js';
import { type Platform, startPlatform } from './support/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop({ drop: true }));

describe('a transaction', () => {
  it('commits all or nothing', async () => {
    const { database } = platform;
    const counters = database.collection<{ _id: string; n: number }>('counters');
    await expect(
      database.transaction(async (session) => {
        await counters.insertOne({ _id: 'x', n: 1 }, { session });
        throw new Problem({ status: 409, code: 'NO', detail: 'no' });
      }),
    ).rejects.toMatchObject({ code: 'NO' });
    expect(await counters.countDocuments()).toBe(0);
  });

  it('is tried again after a conflict, so that no update of twenty is lost', async () => {
    const { database } = platform;
    const counters = database.collection<{ _id: string; n: number }>('counters');
    await counters.insertOne({ _id: 'sum', n: 0 });
    await Promise.all(
      Array.from({ length: 20 }, () =>
        database.transaction(async (session) => {
          const { n = 0 } = (await counters.findOne({ _id: 'sum' }, { session })) ?? {};
          await counters.updateOne({ _id: 'sum' }, { $set: { n: n + 1 } }, { session });
        }),
      ),
    );
    expect((await counters.findOne({ _id: 'sum' }))?.n).toBe(20);
  });

  it('calls back after the commit, once, and not after an abort', async () => {
    const { database } = platform;
    const told = vi.fn();
    await database.transaction(async (session) => {
      await database.collection('things').findOne({}, { session });
      database.afterCommit(session, 'same', told);
      database.afterCommit(session, 'same', told);
      expect(told).not.toHaveBeenCalled();
    });
    expect(told).toHaveBeenCalledTimes(1);
    await database
      .transaction(async (session) => {
        database.afterCommit(session, 'same', told);
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(told).toHaveBeenCalledTimes(1);
  });
});

describe('collections', () => {
  const spec = {
    name: 'named',
    indexes: [{ name: 'byName', key: { name: 1 }, unique: true }],
    validator: { name: { $type: 'string' } },
  };

  it('are made with indexes and validator, any number of times', async () => {
    const { db } = platform.database;
    await ensureCollections(db, [spec]);
    await ensureCollections(db, [spec]);
    expect(await db.collection('named').indexExists('byName')).toBe(true);
    await expect(db.collection('named').insertOne({ name: 1 })).rejects.toThrow(/validation/);
  });

  it('of the same name are refused', async () => {
    await expect(ensureCollections(platform.database.db, [spec, spec])).rejects.toThrow(
      'declared twice',
    );
  });
});

describe('the breaker of the primary', () => {
  it('stays closed for answers of the server, also refusals', async () => {
    const { database, breakers } = platform;
    const things = database.collection<{ _id: number }>('things');
    await things.insertOne({ _id: 1 });
    for (let index = 0; index < 30; index += 1) {
      await expect(things.insertOne({ _id: 1 })).rejects.toThrow(MongoServerError);
    }
    expect(breakers.get('mongodb-primary')?.stats()).toMatchObject({
      state: 'closed',
      window: { failures: 0 },
    });
  });

  it('opens when the primary cannot be reached, refuses at once, and closes when it is back', async () => {
    const clock = new ManualClock();
    const { database, breakers, stop } = await startPlatform({ clock });
    const things = database.collection('things');
    // A driver that finds no primary: the same error as from a set without one.
    const failing = vi.spyOn(database.client, 'startSession').mockImplementation(() => {
      throw new MongoServerSelectionError('no primary', {} as never);
    });
    for (let index = 0; index < 5; index += 1) {
      await expect(database.transaction(async () => undefined)).rejects.toThrow('no primary');
    }
    expect(breakers.get('mongodb-primary')?.state).toBe('open');
    await expect(things.findOne()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    await expect(things.find().sort({ _id: 1 }).toArray()).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
    });
    failing.mockRestore();
    clock.advance(2_000);
    expect(await things.find().sort({ _id: 1 }).limit(1).toArray()).toEqual([]);
    expect(breakers.get('mongodb-primary')?.state).toBe('closed');
    await stop({ drop: true });
  });
});
