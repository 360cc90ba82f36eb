import { Redis } from 'ioredis';
import type { Logger } from '../logger.js';

const LONGEST_RECONNECT_MS = 2_000;

export interface RedisRoleOptions {
  readonly url: string;
  readonly role: 'state' | 'cache';
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * A client that never makes a caller wait: no queue while it is not connected, a time limit on every command, and it
 * goes on connecting in the background for as long as it lives.
 */
export function createRedis(options: RedisRoleOptions): Redis {
  const { role, logger, timeoutMs } = options;
  const redis = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(timeoutMs, 1_000),
    connectionName: `nestcms-${role}`,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_MS),
  });
  let up = false;
  redis.on('ready', () => {
    up = true;
    logger.info({ role }, 'redis connected');
  });
  // Not at a `close`: that comes when we close it ourselves, too.
  redis.on('reconnecting', () => {
    if (up) logger.warn({ role }, 'redis lost; going on without it until it is back');
    up = false;
  });
  // Without a listener a failed connection would end the process; what matters is logged above.
  redis.on('error', (error: Error) => logger.debug({ role, err: error }, 'redis error'));
  return redis;
}

/**
 * Connects, or waits for who has begun to: a client connects by its first command, too.
 * @throws Error when this attempt fails; the client goes on trying
 */
export async function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  if (redis.status === 'wait') return redis.connect();
  await new Promise<void>((resolve, reject) => {
    redis.once('ready', resolve);
    redis.once('close', () => reject(new Error('The connection was closed')));
  });
}

/** What the server does when its memory is full, for example `noeviction`. */
export async function evictionPolicyOf(redis: Redis): Promise<string> {
  // INFO also works where a hosted Redis forbids CONFIG.
  const info = await redis.info('memory');
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'unknown';
}
