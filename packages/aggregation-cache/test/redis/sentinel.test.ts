import {
  FOREIGN_SERVERS_REASON,
  type RedisSentinel,
  startRedisSentinel,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { Timestamp } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import { openSentinelStore } from '../support/open-remote.js';
import { soon } from '../support/soon.js';

const start = async (): Promise<RedisSentinel> => {
  const set = await startRedisSentinel();
  onTestFinished(() => set.stop());
  return set;
};

const onServer = async <T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(url);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
};

const BYTES = Buffer.from('value');
const TOKEN = { operationTime: new Timestamp({ t: 1_700_000_000, i: 7 }) };

describe.skipIf(usesForeignServers)(`behind Sentinel (${FOREIGN_SERVERS_REASON})`, () => {
  it('a failover is survived: away, back on the promoted one, and everything older is void', async () => {
    const set = await start();
    const [primary, replica] = set.servers;
    const { store, states } = await openSentinelStore(set);
    const dependencies = ['*', 'c:shop.a'];
    const { generations } = await store.look('k', dependencies);
    const entry = { key: 'k', bytes: BYTES, ttlMs: 60_000, generations };
    expect(await store.store(entry)).toBe('stored');
    await store.invalidate([{ dependency: '*', after: TOKEN }]);
    const [everything] = await store.generations(['*']);
    expect(everything?.after).toEqual(TOKEN);
    await soon(
      () => onServer(replica.url, async (redis) => (await redis.dbsize()) >= 3),
      'the copy',
    );
    await primary.kill();
    await soon(() => states.includes('away'), 'the loss');
    await expect(store.look('k', dependencies)).rejects.toMatchObject({
      details: { reason: 'away' },
    });
    await soon(() => store.state === 'ready', 'the promoted one');
    const after = await store.look('k', dependencies);
    // The value was copied, and is under a generation that stands no more.
    expect(after.generations[0]?.id).not.toBe(everything?.id);
    // Nobody knows which invalidations were lost with the old one.
    expect(after.generations[0]?.after).toBeUndefined();
    expect(await store.store(entry)).toBe('moved');
    expect(await store.store({ ...entry, generations: after.generations })).toBe('stored');
  }, 60_000);

  it('an acknowledged invalidation that was lost with the primary has still made its values void', async () => {
    const set = await start();
    const [primary, replica] = set.servers;
    const { store } = await openSentinelStore(set);
    const other = await openSentinelStore(set);
    const dependencies = ['*', 'c:shop.a'];
    const { generations } = await store.look('k', dependencies);
    await store.store({ key: 'k', bytes: BYTES, ttlMs: 60_000, generations });
    await soon(
      () => onServer(replica.url, async (redis) => (await redis.dbsize()) >= 3),
      'the copy',
    );
    // The replica hears nothing from here on.
    await replica.freeze();
    await onServer(primary.url, (redis) => redis.call('CLIENT', ['KILL', 'TYPE', 'REPLICA']));
    const [moved] = await store.invalidate([{ dependency: 'c:shop.a' }]);
    expect(moved?.id).not.toBe(generations[1]?.id);
    await primary.kill();
    await replica.thaw();
    await soon(() => other.states.includes('away'), 'the loss');
    await soon(() => other.store.state === 'ready', 'the promoted one');
    const after = await other.store.look('k', dependencies);
    // The promoted one has the very generation and value of before the invalidation …
    expect(after.value).toBeDefined();
    expect(after.generations[1]?.id).toBe(generations[1]?.id);
    // … but everything is under another epoch.
    expect(after.generations[0]?.id).not.toBe(generations[0]?.id);
  }, 60_000);

  it('a primary that was made a replica is not believed, though it answers', async () => {
    const set = await start();
    const [primary] = set.servers;
    const redis = new Redis(primary.url);
    onTestFinished(() => redis.disconnect());
    const store = createRedisRemoteStore({ redis, timeoutMs: 500 });
    onTestFinished(() => store.close());
    await soon(() => store.state === 'ready', 'the store');
    const [everything] = await store.generations(['*']);
    for (const sentinel of set.sentinels) await sentinel.freeze();
    await onServer(primary.url, async (admin) => {
      const [, replica] = set.servers;
      await admin.call('REPLICAOF', [replica.host, replica.port]);
      await expect(store.generations(['*'])).rejects.toMatchObject({
        details: { reason: 'away' },
      });
      expect(store.state).toBe('away');
      await admin.call('REPLICAOF', ['NO', 'ONE']);
    });
    await soon(() => store.state === 'ready', 'the primary');
    expect((await store.generations(['*']))[0]?.id).not.toBe(everything?.id);
  }, 60_000);

  it('a primary that has lost its replica is not believed where it is told not to take writes', async () => {
    const set = await start();
    const [primary, replica] = set.servers;
    const { store } = await openSentinelStore(set);
    await onServer(primary.url, async (redis) => {
      await redis.config('SET', 'min-replicas-to-write', 1);
      await redis.config('SET', 'min-replicas-max-lag', 1);
    });
    await expect(store.position()).resolves.toBeDefined();
    await replica.freeze();
    await soon(() => store.state === 'away' || store.position().then(no, yes), 'the refusal');
    expect(store.state).toBe('away');
    await replica.thaw();
    await soon(() => store.state === 'ready', 'the replica');
  }, 60_000);
});

const no = () => false;
const yes = () => true;
