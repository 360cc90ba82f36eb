import { Redis } from 'ioredis';
import { binaries } from './binaries.js';
import { type RedisServer, startRedis, startRedisProcess } from './redis.js';
import { withPortRetry } from './server-process.js';
import { until } from './until.js';

const NAME = 'main';

export interface RedisSentinelOptions {
  /** How soon a server that does not answer is taken for dead, in milliseconds. Default 500. */
  readonly downAfterMs?: number;
  /** Further arguments of both redis-servers. */
  readonly args?: readonly string[];
}

export interface RedisSentinel {
  /** What a client is made with. */
  readonly clientOptions: {
    readonly name: string;
    readonly sentinels: { readonly host: string; readonly port: number }[];
  };
  /** The two servers: at first the primary, then its replica. */
  readonly servers: readonly [RedisServer, RedisServer];
  readonly sentinels: readonly RedisServer[];
  /** The one that the sentinels name. */
  currentPrimary(): Promise<RedisServer>;
  stop(): Promise<void>;
}

/** A primary, its replica, and three sentinels that agree by two. Ready in two to four seconds. */
export async function startRedisSentinel({
  downAfterMs = 500,
  args = [],
}: RedisSentinelOptions = {}): Promise<RedisSentinel> {
  const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...args];
  const primary = await startRedis({ args: quick });
  const { host, port } = primary;
  const replica = await startRedis({ args: [...quick, '--replicaof', `${host} ${port}`] });
  await withClient(replica, (redis) =>
    until(async () => /master_link_status:up/.test(await redis.info('replication')), {
      what: 'the replica to follow',
      timeoutMs: 20_000,
    }),
  );
  const settings = [
    `sentinel monitor ${NAME} ${host} ${port} 2`,
    `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${NAME} 2000`,
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startOne(settings)));
  await Promise.all(sentinels.map((sentinel) => withClient(sentinel, knowsAll)));
  const servers = [primary, replica] as const;
  return {
    clientOptions: { name: NAME, sentinels: sentinels.map(({ host, port }) => ({ host, port })) },
    servers,
    sentinels,
    currentPrimary: async () => {
      const [first] = sentinels as [RedisServer];
      const named = await withClient(first, (redis) =>
        redis.call('SENTINEL', ['GET-MASTER-ADDR-BY-NAME', NAME]),
      );
      const found = servers.find((server) => String(server.port) === (named as string[])[1]);
      if (found === undefined) throw new Error('The sentinels name another server.');
      return found;
    },
    stop: async () => {
      await Promise.all([...sentinels, ...servers].map((server) => server.stop()));
    },
  };
}

async function startOne(settings: readonly string[]): Promise<RedisServer> {
  const binary = await binaries.redisServer();
  return withPortRetry(() =>
    startRedisProcess(binary, { args: ['--sentinel'], readyLine: /Sentinel ID is/, settings }),
  );
}

async function knowsAll(sentinel: Redis): Promise<void> {
  const isKnown = async () => {
    const said = (await sentinel.call('SENTINEL', ['MASTER', NAME])) as string[];
    const told = (field: string) => said[said.indexOf(field) + 1];
    return told('num-slaves') === '1' && told('num-other-sentinels') === '2';
  };
  await until(isKnown, { what: 'a sentinel to know the others', timeoutMs: 20_000 });
}

async function withClient<T>(server: RedisServer, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url);
  redis.on('error', () => {});
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
