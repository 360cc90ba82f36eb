import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../src/redis.js';
import { allGone, isAlive } from './support/processes.js';

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startRedis({ maxmemory: '8mb', policy: 'allkeys-lru' });
  client = new Redis(server.url, {
    commandTimeout: 300,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
    enableOfflineQueue: false,
    lazyConnect: true,
  });
  client.on('error', () => {}); // it is killed here on purpose
  await client.connect();
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

const reconnected = () => new Promise<void>((resolve) => client.once('ready', resolve));

describe('startRedis', () => {
  it('starts one with the limit and policy asked for, and without persistence', async () => {
    const setting = async (name: string) => ((await client.config('GET', name)) as string[])[1];
    expect(await setting('maxmemory')).toBe(String(8 * 1024 * 1024));
    expect(await setting('maxmemory-policy')).toBe('allkeys-lru');
    expect([await setting('save'), await setting('appendonly')]).toEqual(['', 'no']);
  });

  it('is by default one fit for state', async () => {
    const state = await startRedis();
    const other = new Redis(state.url);
    expect(await other.config('GET', 'maxmemory-policy')).toContain('noeviction');
    other.disconnect();
    await state.stop();
  });

  it('frozen answers nothing on an open connection, thawed goes on', async () => {
    await client.set('a', '1');
    await server.freeze();
    await expect(client.get('a')).rejects.toThrow(/timed out/);
    await server.thaw();
    expect(await client.get('a')).toBe('1');
  });

  it('killed and started again is empty, on the same port', async () => {
    const { port, pid } = server;
    const back = reconnected();
    await server.kill();
    expect(server.pid).toBeUndefined();
    await expect(client.get('a')).rejects.toBeInstanceOf(Error);
    await server.restart();
    await back;
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await client.get('a')).toBeNull();
  });

  it('starts again in place of a running or frozen one', async () => {
    await server.freeze();
    const back = reconnected();
    await server.restart();
    await back;
    expect(await client.ping()).toBe('PONG');
  });

  it('stopped while frozen leaves nothing', async () => {
    const other = await startRedis();
    const pid = other.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    await other.freeze();
    await other.stop();
    await allGone([pid]);
  });

  it('tells with its log why one does not start', async () => {
    await expect(startRedis({ policy: 'no-such-policy' })).rejects.toThrow(
      /redis-server.*no-such-policy/s,
    );
  });
});
