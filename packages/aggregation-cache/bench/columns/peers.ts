import { createCache as createDedupe } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { createCache } from 'cache-manager';
import { Cacheable, Keyv } from 'cacheable';
import type { Redis } from 'ioredis';
import { Loader } from 'layered-loader/core';
import { createNotificationPair, RedisCache } from 'layered-loader/redis';

/** A cache as its users call it. */
export interface Peer {
  readonly get: (key: string) => Promise<unknown>;
  /** Makes a key void everywhere, where it can. */
  readonly invalidate?: (key: string) => Promise<unknown>;
}

export interface PeerOptions {
  /** Called where the cache has no answer. */
  readonly load: (key: string) => Promise<object>;
  /** Connections of the remote tier; absent: memory alone. */
  readonly redis?: { readonly commands: Redis; readonly connect: () => Redis } | undefined;
  /** Default true. */
  readonly memory?: boolean;
}

export type MakePeer = (options: PeerOptions) => Promise<Peer>;

const TTL_MS = 3_600_000;
const MOST = 200_000;

/** What cacheable and cache-manager need between them and a client of Redis. */
const keyvOf = (redis: Redis): Keyv =>
  new Keyv({
    store: {
      opts: {},
      get: async (key: string) => (await redis.get(key)) ?? undefined,
      set: (key: string, value: string, ttl?: number) => redis.set(key, value, 'PX', ttl ?? TTL_MS),
      delete: async (key: string) => (await redis.del(key)) === 1,
      clear: async () => {},
      on: () => {},
    },
    namespace: 'keyv',
  });

const bento =
  (serialize: boolean): MakePeer =>
  async ({ load, redis, memory = true }) => {
    let store = bentostore();
    if (memory) store = store.useL1Layer(memoryDriver({ maxItems: MOST, serialize }));
    if (redis !== undefined) {
      store = store.useL2Layer(redisDriver({ connection: redis.commands }));
      if (memory) {
        const connection = { host: redis.commands.options.host, port: redis.commands.options.port };
        store = store.useBus(redisBusDriver({ connection: connection as never }));
      }
    }
    const cache = new BentoCache({ default: 'only', ttl: TTL_MS, stores: { only: store } });
    // It subscribes when a store is first used.
    cache.use('only');
    return {
      get: (key) => cache.getOrSet({ key, factory: () => load(key) }),
      invalidate: (key) => cache.delete({ key }),
    };
  };

const cacheable: MakePeer = async ({ load, redis, memory = true }) => {
  const secondary = redis && keyvOf(redis.commands);
  const cache =
    secondary !== undefined && !memory
      ? new Cacheable({ primary: secondary, ttl: TTL_MS })
      : new Cacheable({ ...(secondary && { secondary }), ttl: TTL_MS });
  cache.on('error', () => {});
  return {
    get: (key) => cache.getOrSet(key, () => load(key), { ttl: TTL_MS }),
    invalidate: (key) => cache.delete(key),
  };
};

const cacheManager: MakePeer = async ({ load, redis, memory = true }) => {
  const remote = redis === undefined ? [] : [keyvOf(redis.commands)];
  const stores = memory ? [new Keyv(), ...remote] : remote;
  const cache = createCache({ stores: stores as never, ttl: TTL_MS });
  return { get: (key) => cache.wrap(key, () => load(key)), invalidate: (key) => cache.del(key) };
};

const layeredLoader: MakePeer = async ({ load, redis, memory = true }) => {
  const pair =
    redis &&
    memory &&
    createNotificationPair<object>({
      channel: 'layered-loader',
      publisherRedis: redis.connect(),
      consumerRedis: redis.connect(),
    });
  const loader = new Loader<object>({
    inMemoryCache: memory ? { ttlInMsecs: TTL_MS, maxItems: MOST } : false,
    ...(redis && {
      asyncCache: new RedisCache<object>(redis.commands, { json: true, ttlInMsecs: TTL_MS }),
    }),
    ...(pair && { notificationConsumer: pair.consumer, notificationPublisher: pair.publisher }),
    dataSourceGetOneFn: load,
  });
  await loader.init();
  return { get: (key) => loader.get(key), invalidate: (key) => loader.invalidateCacheFor(key) };
};

const dedupe: MakePeer = async ({ load, redis }) => {
  const cache = createDedupe({
    ttl: TTL_MS / 1_000,
    storage:
      redis === undefined
        ? { type: 'memory', options: { size: MOST } }
        : { type: 'redis', options: { client: redis.commands as never } },
    onError: () => {},
  }).define('one', (key: string) => load(key));
  return { get: (key) => cache.one(key), invalidate: (key) => cache.clear('one', key) };
};

/** For a fleet. Where it does not serialise, a hit in Redis is kept as text, and the next look at it throws. */
export const isFit = (name: string): boolean => name !== 'bentocache, not serialised';

export const PEERS: Readonly<Record<string, MakePeer>> = {
  bentocache: bento(true),
  'bentocache, not serialised': bento(false),
  cacheable,
  'cache-manager': cacheManager,
  'layered-loader': layeredLoader,
  'async-cache-dedupe': dedupe,
};
