import { startRedis } from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { findRedisServer } from '../lib/redis-server.mjs';
import { detail, StartError, step } from '../lib/say.mjs';

const CONNECT_TIMEOUT_MS = 5_000;

/** The Redis servers of a start: variables for the server, and what they are. */
export interface RedisServers {
  readonly variables: Readonly<Record<string, string>>;
  /** One line for a person. */
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * The servers that the environment names, else two of our own, else none.
 * @throws {StartError} when a named server cannot be reached, or may throw state away
 */
export async function provideRedis(environment: NodeJS.ProcessEnv): Promise<RedisServers> {
  const { REDIS_URL, REDIS_STATE_URL, REDIS_CACHE_URL } = environment;
  if (REDIS_URL || REDIS_STATE_URL || REDIS_CACHE_URL) {
    return namedServers({
      ...(REDIS_URL && { REDIS_URL }),
      ...(REDIS_STATE_URL && { REDIS_STATE_URL }),
      ...(REDIS_CACHE_URL && { REDIS_CACHE_URL }),
    });
  }
  return ownServers();
}

async function namedServers(variables: Record<string, string>): Promise<RedisServers> {
  step(`Connecting to Redis (${Object.keys(variables).join(', ')})`);
  const stateName = variables.REDIS_STATE_URL ? 'REDIS_STATE_URL' : 'REDIS_URL';
  const cacheName = variables.REDIS_CACHE_URL ? 'REDIS_CACHE_URL' : 'REDIS_URL';
  const stateUrl = variables[stateName];
  const cacheUrl = variables[cacheName];
  const state = stateUrl ? await inspect(stateName, stateUrl) : undefined;
  const cache = cacheUrl ? await inspect(cacheName, cacheUrl) : undefined;
  // Two addresses may lead to one server, by another name or another database of it.
  const isOne =
    cacheUrl === stateUrl || (cache?.runId !== undefined && cache.runId === state?.runId);
  if (state) refuseEviction(stateName, state.policy, isOne);
  const roles = [
    stateUrl ? `state from ${stateName}` : 'state in process',
    cacheUrl ? `cache from ${cacheName}` : 'cache in process',
  ];
  return {
    // Told that it is one server, the cache holds itself to its own byte budget.
    variables: isOne && stateUrl ? { REDIS_URL: stateUrl } : variables,
    description: `${roles.join(', ')}${isOne && cacheName !== stateName ? ' (one server)' : ''}`,
    stop: async () => {},
  };
}

/** Sessions and claims must survive a full memory. */
function refuseEviction(name: string, policy: string | undefined, alsoCache: boolean): void {
  if (policy === 'noeviction') return;
  if (policy === undefined) {
    throw new StartError(`The Redis named by ${name} does not tell its maxmemory-policy.`, {
      tried: 'INFO memory and CONFIG GET maxmemory-policy; both were refused',
      remedy: `allow the user INFO (managed servers often forbid CONFIG only), or unset ${name}.`,
    });
  }
  throw new StartError(
    `The Redis named by ${name} has maxmemory-policy ${policy}, so a full memory would delete sessions and limits.`,
    {
      remedy: alsoCache
        ? 'set maxmemory-policy noeviction, or give the two roles servers of their own by REDIS_STATE_URL (noeviction) and REDIS_CACHE_URL.'
        : `set maxmemory-policy noeviction on it, or name another server in ${name}.`,
    },
  );
}

interface Inspected {
  /** Undefined when the server does not say. */
  readonly policy: string | undefined;
  /** Of this run of this server, whatever address leads to it; undefined when it does not say. */
  readonly runId: string | undefined;
}

async function inspect(name: string, url: string): Promise<Inspected> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    // It asks INFO by itself, which is what is to be found out here.
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  let reason = '';
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  try {
    await redis.connect();
    // INFO also answers where a managed Redis forbids CONFIG.
    const info = await redis.info().catch(() => '');
    const runId = /^run_id:(\S+)/m.exec(info)?.[1];
    const fromInfo = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (fromInfo) return { policy: fromInfo, runId };
    const answer = await redis.config('GET', 'maxmemory-policy').catch(() => undefined);
    const policy = Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
    return { policy, runId };
  } catch (error) {
    throw new StartError(`The Redis named by ${name} cannot be reached.`, {
      tried: reason || (error instanceof Error ? error.message : String(error)),
      remedy: `correct ${name}, or unset it and two redis-servers are started for you.`,
      cause: error,
    });
  } finally {
    redis.disconnect();
  }
}

async function ownServers(): Promise<RedisServers> {
  step('Starting two redis-servers: state and cache');
  let found: Awaited<ReturnType<typeof findRedisServer>>;
  try {
    found = await findRedisServer();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    detail(`${error.message} ${error.remedy ?? ''}`.trim());
    detail('Going on without: sessions, limits and the cache live in the server process.');
    return {
      variables: {},
      description: 'none; sessions, limits and the cache live in the server process',
      stop: async () => {},
    };
  }
  const [state, cache] = await Promise.all([
    startRedis({ maxmemory: '64mb', policy: 'noeviction' }),
    startRedis({ maxmemory: '128mb', policy: 'allkeys-lru' }),
  ]);
  return {
    variables: { REDIS_STATE_URL: state.url, REDIS_CACHE_URL: cache.url },
    description: `2 × ${found.description}: state (noeviction), cache (allkeys-lru)`,
    stop: async () => {
      await Promise.all([state.stop(), cache.stop()]);
    },
  };
}
