import type { IntentStore } from '../../ports/intent-store.js';
import type { OnUnreadable } from '../../stores/collect-due.js';
import { UsageError } from '../usage-error.js';
import { hideUrl } from './hide-url.js';

/** Where the intents are. Exactly one of the two. */
export type StorePlace =
  | {
      readonly kind: 'mongodb';
      readonly url: string;
      /** Default: the one that the URL names. */
      readonly database: string | undefined;
      readonly collection: string | undefined;
    }
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string | undefined };

/** Loads the drivers: not every shop has both. */
export interface Drivers {
  readonly mongodb: () => Promise<Pick<typeof import('mongodb'), 'MongoClient'>>;
  readonly ioredis: () => Promise<Pick<typeof import('ioredis'), 'Redis'>>;
}

export const installed: Drivers = {
  mongodb: () => import('mongodb'),
  ioredis: () => import('ioredis'),
};

export interface OpenStore {
  readonly store: IntentStore;
  readonly close: () => Promise<void>;
}

/** The store cannot be used: said in one sentence, without name and password, exit 1. */
export class StoreError extends Error {}

/** So long a server may be away at the start. */
const connectTimeoutMs = 10_000;

/** @throws StoreError, or UsageError for a URL that the driver does not take */
export async function openStore(
  place: StorePlace,
  how: { readonly drivers: Drivers; readonly onUnreadable: OnUnreadable },
): Promise<OpenStore> {
  return place.kind === 'mongodb' ? openMongo(place, how) : openRedis(place, how);
}

/** What a driver said, fit to be shown. */
export const saidBy = (error: unknown, { url }: Pick<StorePlace, 'url'>): string =>
  hideUrl(error instanceof Error ? error.message : String(error), url);

async function load<Driver>(name: keyof Drivers, loading: () => Promise<Driver>): Promise<Driver> {
  try {
    return await loading();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new StoreError(`The driver is not installed: npm install ${name}`);
  }
}

async function openMongo(
  place: Extract<StorePlace, { kind: 'mongodb' }>,
  { drivers, onUnreadable }: { drivers: Drivers; onUnreadable: OnUnreadable },
): Promise<OpenStore> {
  const { url, database, collection: collectionName } = place;
  const { MongoClient } = await load('mongodb', drivers.mongodb);
  const { MongoIntentStore } = await import('../../stores/mongodb/index.js');
  // What is given here would win over what the URL says.
  const isSaid = /[?&]serverSelectionTimeoutMS=/i.test(url);
  const wait = isSaid ? {} : { serverSelectionTimeoutMS: connectTimeoutMs };
  const name = collectionName === undefined ? {} : { collectionName };
  const { client, store } = taken('--mongodb', place, () => {
    const client = new MongoClient(url, wait);
    return {
      client,
      store: new MongoIntentStore({ db: client.db(database), onUnreadable, ...name }),
    };
  });
  try {
    await client.connect();
  } catch (error) {
    await client.close();
    throw new StoreError(`MongoDB cannot be reached: ${saidBy(error, place)}`);
  }
  return { store, close: () => client.close() };
}

async function openRedis(
  place: Extract<StorePlace, { kind: 'redis' }>,
  { drivers, onUnreadable }: { drivers: Drivers; onUnreadable: OnUnreadable },
): Promise<OpenStore> {
  const { url, prefix: keyPrefix } = place;
  const { Redis } = await load('ioredis', drivers.ioredis);
  const { RedisIntentStore } = await import('../../stores/redis/index.js');
  const prefix = keyPrefix === undefined ? {} : { keyPrefix };
  const { redis, store } = taken('--redis', place, () => {
    const redis = new Redis(url, { lazyConnect: true, connectTimeout: connectTimeoutMs });
    return { redis, store: new RedisIntentStore({ redis, onUnreadable, ...prefix }) };
  });
  let last: unknown;
  redis.on('error', (error) => {
    last = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw new StoreError(`Redis cannot be reached: ${saidBy(last ?? error, place)}`);
  }
  return { store, close: async () => redis.disconnect() };
}

/** What a driver makes of what it was given, before it connects. @throws UsageError */
function taken<Made>(flag: string, place: StorePlace, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new UsageError(`${flag}: ${saidBy(error, place)}`);
  }
}
