import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterEach, describe, expect, it } from 'vitest';
import { provideRedis } from './redis.ts';

const started: RedisServer[] = [];
const redis = async (policy: string, ...args: string[]) => {
  const server = await startRedis({ policy, args });
  started.push(server);
  return server.url;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

/** With servers named from outside there may be no program here to start one. */
const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`the Redis of a start${why}`, () => {
  it('takes one Redis for both roles when it evicts nothing', async () => {
    const url = await redis('noeviction');
    const { variables, description } = await provideRedis({ REDIS_URL: url });
    expect(variables).toEqual({ REDIS_URL: url });
    expect(description).toBe('state from REDIS_URL, cache from REDIS_URL');
  });

  it('refuses one Redis for both roles when it evicts, and says what to do', async () => {
    await expect(provideRedis({ REDIS_URL: await redis('allkeys-lru') })).rejects.toMatchObject({
      message: expect.stringContaining('maxmemory-policy allkeys-lru'),
      remedy: expect.stringContaining('REDIS_STATE_URL'),
    });
  });

  it('sees that two addresses lead to one server, and has the cache keep to its budget', async () => {
    const url = await redis('noeviction');
    const named = {
      REDIS_STATE_URL: url,
      REDIS_CACHE_URL: `${url.replace('127.0.0.1', 'localhost')}/1`,
    };
    const { variables, description } = await provideRedis(named);
    expect(variables).toEqual({ REDIS_URL: url });
    expect(description).toContain('(one server)');
    const evicting = await redis('allkeys-lru');
    await expect(
      provideRedis({ REDIS_STATE_URL: evicting, REDIS_CACHE_URL: `${evicting}/1` }),
    ).rejects.toMatchObject({ remedy: expect.stringContaining('servers of their own') });
  });

  it('lets the cache evict when the state has a server of its own', async () => {
    const environment = {
      REDIS_STATE_URL: await redis('noeviction'),
      REDIS_CACHE_URL: await redis('allkeys-lfu'),
    };
    expect((await provideRedis(environment)).variables).toEqual(environment);
    await expect(provideRedis({ REDIS_STATE_URL: environment.REDIS_CACHE_URL })).rejects.toThrow(
      /REDIS_STATE_URL has maxmemory-policy allkeys-lfu/,
    );
  });

  it('does not need CONFIG, which managed servers forbid', async () => {
    const url = await redis('noeviction', '--rename-command', 'CONFIG', '');
    expect((await provideRedis({ REDIS_URL: url })).variables).toEqual({ REDIS_URL: url });
  });

  it('refuses a Redis that does not tell its policy at all', async () => {
    const silent = ['--rename-command', 'CONFIG', '', '--rename-command', 'INFO', ''];
    await expect(provideRedis({ REDIS_URL: await redis('noeviction', ...silent) })).rejects.toThrow(
      /does not tell its maxmemory-policy/,
    );
  });

  it('says that a Redis cannot be reached', async () => {
    const url = await redis('noeviction');
    await started.splice(0)[0]?.stop();
    await expect(provideRedis({ REDIS_CACHE_URL: url })).rejects.toMatchObject({
      message: 'The Redis named by REDIS_CACHE_URL cannot be reached.',
      tried: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
