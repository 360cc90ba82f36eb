import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import {
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
  ReadPreference,
} from 'mongodb';
import { onTestFinished } from 'vitest';
import { AggregationCache, type AggregationCacheOptions } from '../../src/index.js';
import {
  createRedisRemoteStore,
  type RedisRemoteStoreOptions,
} from '../../src/stores/redis/index.js';
import { soon } from './soon.js';

export interface SentCommand {
  readonly address: string;
  readonly name: string;
  readonly command: Record<string, unknown>;
}

/** A connected client that notes each read it sends, closed when the test has finished. */
export const openClient = async (
  uri: string,
  options: MongoClientOptions = {},
): Promise<{ client: MongoClient; sent: SentCommand[] }> => {
  const client = new MongoClient(uri, { monitorCommands: true, ...options });
  const sent: SentCommand[] = [];
  client.on('commandStarted', ({ address, commandName, command }) => {
    if (['aggregate', 'find', 'getMore'].includes(commandName)) {
      sent.push({ address, name: commandName, command });
    }
  });
  onTestFinished(() => client.close(true));
  await client.connect();
  return { client, sent };
};

/** A database that nobody else uses, dropped when the test has finished. */
export const openDatabase = (client: MongoClient): Db => {
  const database = client.db(`aggregations_${randomUUID().slice(0, 8)}`);
  onTestFinished(async () => {
    await database.dropDatabase().catch(() => {});
  });
  return database;
};

/** Inserts, and waits until each member shows it to majority reads, which comes after its acknowledgement. */
export const insertEverywhere = async (
  database: Db,
  collection: string,
  documents: readonly Document[],
): Promise<void> => {
  const session = database.client.startSession();
  try {
    await database.collection(collection).insertMany(
      documents.map((one) => ({ ...one })),
      { session },
    );
    for (const replica of ['replica1', 'replica2', 'replica3']) {
      await database.collection(collection).findOne(
        {},
        {
          session,
          readConcern: 'majority',
          readPreference: new ReadPreference('secondary', [{ replica }]),
        },
      );
    }
  } finally {
    await session.endSession();
  }
};

/** A store over its own connection. */
export const openStore = async (url: string, options: Partial<RedisRemoteStoreOptions> = {}) => {
  const redis = new Redis(url, { retryStrategy: () => 50 });
  const store = createRedisRemoteStore({ redis, timeoutMs: 2_000, ...options });
  onTestFinished(async () => {
    await store.close();
    redis.disconnect();
  });
  await soon(() => store.state === 'ready', 'the store');
  return store;
};

export const openCache = (options: AggregationCacheOptions): AggregationCache => {
  const cache = new AggregationCache(options);
  onTestFinished(() => cache.close());
  return cache;
};
