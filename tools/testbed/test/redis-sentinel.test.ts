import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisSentinel, startRedisSentinel, until } from '../src/index.js';

let set: RedisSentinel;
let client: Redis;

beforeAll(async () => {
  set = await startRedisSentinel();
  client = new Redis({ ...set.clientOptions, sentinelRetryStrategy: () => 50 });
  client.on('error', () => {}); // its server is killed here on purpose
}, 60_000);
afterAll(async () => {
  client.disconnect();
  await set.stop();
});

describe('startRedisSentinel', () => {
  it('starts a primary and its replica, and leads a client to the primary', async () => {
    const [primary, replica] = set.servers;
    expect(await set.currentPrimary()).toBe(primary);
    await client.set('a', '1');
    const other = new Redis(replica.url);
    await until(async () => (await other.get('a')) === '1', {
      what: 'the copy',
      timeoutMs: 10_000,
    });
    other.disconnect();
  });

  it('promotes the replica when the primary is killed', async () => {
    const [primary, replica] = set.servers;
    await primary.kill();
    await until(async () => (await set.currentPrimary()) === replica, {
      what: 'the failover',
      timeoutMs: 20_000,
    });
    expect(await client.get('a')).toBe('1');
    await client.set('a', '2');
  }, 60_000);
});
