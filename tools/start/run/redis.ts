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
  const stateUrl = variables[stateName];
  const cacheUrl = variables.REDIS_CACHE_URL ?? variables.REDIS_URL;
  if (stateUrl) await refuseEviction(stateName, stateUrl, cacheUrl === stateUrl);
  if (variables.REDIS_CACHE_URL) await policyOf('REDIS_CACHE_URL', variables.REDIS_CACHE_URL);
  const roles = [
    stateUrl ? `state from ${stateName}` : 'state in process',
    cacheUrl
      ? `cache from ${variables.REDIS_CACHE_URL ? 'REDIS_CACHE_URL' : 'REDIS_URL'}`
      : 'cache in process',
  ];
  return { variables, description: roles.join(', '), stop: async () => {} };
}

/** Sessions and claims must survive a full memory. */
async function refuseEviction(name: string, url: string, alsoCache: boolean): Promise<void> {
  const policy = await policyOf(name, url);
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

/** @returns undefined when the server does not say */
async function policyOf(name: string, url: string): Promise<string | undefined> {
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
    const info = await redis.info('memory').catch(() => '');
    const fromInfo = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (fromInfo) return fromInfo;
    const answer = await redis.config('GET', 'maxmemory-policy').catch(() => undefined);
    return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
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
