import { binaries } from './binaries.js';
import { describeForeignMongodb, describeForeignRedis } from './describe-foreign.js';
import type { SharedAddresses } from './provided-context.js';
import { type RedisServer, startRedis } from './redis.js';
import { type ReplicaSet, startReplicaSet } from './replica-set.js';

interface Stoppable {
  stop(): Promise<void>;
}

interface Started {
  readonly addresses: SharedAddresses;
  readonly servers: readonly Stoppable[];
}

interface Shared {
  borrowers: number;
  started: Promise<Started> | undefined;
}

/** Each project of a run evaluates this module anew in the same process, so the state is global. */
const KEY = Symbol.for('@nestcms/testbed.shared-servers');
const holder = globalThis as { [KEY]?: Shared };

/** The servers all projects of a run share; started by the first, stopped with the last. */
export async function borrowSharedServers(): Promise<{
  addresses: SharedAddresses;
  giveBack: () => Promise<void>;
}> {
  holder[KEY] ??= { borrowers: 0, started: undefined };
  const shared = holder[KEY];
  shared.borrowers += 1;
  const giveBack = async () => {
    shared.borrowers -= 1;
    if (shared.borrowers > 0 || !shared.started) return;
    const { servers } = await shared.started;
    shared.started = undefined;
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    shared.started ??= start(process.env);
    const { addresses } = await shared.started;
    return { addresses, giveBack };
  } catch (error) {
    shared.borrowers -= 1;
    throw error;
  }
}

async function start(environment: NodeJS.ProcessEnv): Promise<Started> {
  const [mongodb, redis] = await Promise.allSettled([
    provideMongodb(environment.TEST_MONGODB_URI),
    provideRedis(environment.TEST_REDIS_URL),
  ]);
  const servers = [mongodb, redis].flatMap((result) =>
    result.status === 'fulfilled' ? result.value.servers : [],
  );
  if (mongodb.status === 'rejected' || redis.status === 'rejected') {
    await Promise.all(servers.map((server) => server.stop()));
    throw mongodb.status === 'rejected' ? mongodb.reason : (redis as PromiseRejectedResult).reason;
  }
  console.log(`Test bed: ${mongodb.value.description}; ${redis.value.description}`);
  return { servers, addresses: { ...mongodb.value.addresses, ...redis.value.addresses } };
}

type MongodbAddresses = Pick<SharedAddresses, 'mongodbUri' | 'mongodbIsOurs'>;
type RedisAddresses = Omit<SharedAddresses, keyof MongodbAddresses>;
interface Provided<A> {
  readonly addresses: A;
  readonly servers: readonly Stoppable[];
  readonly description: string;
}

async function provideMongodb(foreignUri?: string): Promise<Provided<MongodbAddresses>> {
  if (foreignUri) {
    return {
      addresses: { mongodbUri: foreignUri, mongodbIsOurs: false },
      servers: [],
      description: await describeForeignMongodb(foreignUri),
    };
  }
  const set: ReplicaSet = await startReplicaSet();
  // Worker processes inherit it and need not search, which can cost seconds on a closed network.
  process.env.MONGOD_BINARY ??= (await binaries.mongod()).path;
  return {
    addresses: { mongodbUri: set.uri, mongodbIsOurs: true },
    servers: [set],
    description: `${set.description}, replica set of 4`,
  };
}

async function provideRedis(foreignUrl?: string): Promise<Provided<RedisAddresses>> {
  if (foreignUrl) {
    return {
      addresses: { redisStateUrl: foreignUrl, redisCacheUrl: foreignUrl, redisIsOurs: false },
      servers: [],
      description: await describeForeignRedis(foreignUrl),
    };
  }
  const [state, cache]: RedisServer[] = await Promise.all([
    startRedis({ policy: 'noeviction' }),
    startRedis({ policy: 'allkeys-lru' }),
  ]);
  if (!state || !cache) throw new Error('Unreachable: both were started.');
  const { description } = await binaries.redisServer();
  return {
    addresses: { redisStateUrl: state.url, redisCacheUrl: cache.url, redisIsOurs: true },
    servers: [state, cache],
    description: `${description}, twice: state and cache`,
  };
}
