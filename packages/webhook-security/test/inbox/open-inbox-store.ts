import type { InboxStore } from '../../src/inbox/index.js';

/** A store over a connection of its own. */
export interface OpenStore {
  readonly store: InboxStore;
  /** When the lease of the entry ends, by the store's clock. */
  readonly leaseEndOf: (key: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface StorePlace {
  readonly kind: 'redis' | 'mongodb';
  readonly address: string;
  /** A key prefix or a collection of the test alone. */
  readonly name: string;
}

/** Each process loads what it needs alone. */
export function openInboxStore({ kind, address, name }: StorePlace): Promise<OpenStore> {
  return kind === 'redis' ? openRedis(address, name) : openMongo(address, name);
}

async function openRedis(address: string, keyPrefix: string): Promise<OpenStore> {
  const { Redis } = await import('ioredis');
  const { createRedisInboxStore } = await import('../../src/stores/redis/index.js');
  const redis = new Redis(address);
  return {
    store: createRedisInboxStore({ redis, keyPrefix }),
    leaseEndOf: async (key) => Number(await redis.zscore(`{${keyPrefix}}:open`, key)),
    close: async () => {
      await redis.quit();
    },
  };
}

async function openMongo(address: string, name: string): Promise<OpenStore> {
  const { MongoClient } = await import('mongodb');
  const { createMongoInboxStore } = await import('../../src/stores/mongodb/index.js');
  const client = await new MongoClient(address).connect();
  const collection = client
    .db(name)
    .collection<import('../../src/stores/mongodb/index.js').InboxDocument>('inbox');
  const store = createMongoInboxStore({ collection });
  await store.ensureIndexes();
  return {
    store,
    leaseEndOf: async (key) => (await collection.findOne({ _id: key }))?.at.getTime() ?? 0,
    close: () => client.close(),
  };
}
