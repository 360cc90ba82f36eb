import { randomUUID } from 'node:crypto';
import {
  FOREIGN_SERVERS_REASON,
  type RedisCluster,
  startRedisCluster,
  usesForeignServers,
} from '@nestcms/testbed';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { intentStoreConformance } from '../src/testing/index.js';
import { startIntentTraffic } from './intent-traffic.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const { profileId } = intent;
const patience = { timeout: 30_000, interval: 200 };
const hashTag = `{${profileId}}`;

describe.skipIf(usesForeignServers)(`a cluster of three Redis with replicas${foreign}`, () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ replicas: true, nodeTimeoutMs: 1_000 });
  }, 60_000);
  afterAll(() => cluster.stop());

  const open = (more: object = {}) =>
    new RedisIntentStore({ redis: cluster.client, keyPrefix: randomUUID(), ...more });

  describe.each([0, 1])('with %s replicas waited for', (waitForReplicas) => {
    it.each(intentStoreConformance.map((check) => [check.name, check] as const))(
      '%s',
      async (_, check) => {
        const keyPrefix = randomUUID();
        const reopen = () => open({ keyPrefix, waitForReplicas });
        await expect(check.run(reopen(), reopen)).resolves.toBeUndefined();
      },
    );
  });

  it.each([0, 1])(
    'keeps its intents while their slot moves, and afterwards, with %s replicas waited for',
    async (waitForReplicas) => {
      const keyPrefix = randomUUID();
      const store = open({ keyPrefix, waitForReplicas });
      const of = (cartId: string) => ({ ...intent, cartId });
      await store.begin(intent);
      const from = await cluster.ownerOf(hashTag);
      await cluster.moveSlotOf(hashTag, async () => {
        expect(await store.find(intent)).toEqual(intent);
        const impatient = open({ keyPrefix, waitForReplicas, timeoutMs: 500 });
        await expect(impatient.begin(of('during'))).rejects.toMatchObject({
          code: 'INTENT_STORE_FAILED',
        });
      });
      await expect.poll(() => cluster.ownerOf(hashTag), patience).not.toBe(from);
      expect(await store.replace(notSent(intent))).toBe(true);
      expect(await store.find(intent)).toEqual(notSent(intent));
      await store.begin(of('after'));
      await expect(store.begin(intent)).rejects.toMatchObject({ code: 'REFERENCE_REUSED' });
      const due = await store.listDue({ profileId, dueBefore: new Date('2026-09-14') });
      expect(due.map(({ cartId }) => cartId)).toEqual(
        expect.arrayContaining(['after', intent.cartId]),
      );
    },
  );

  it('finds on the primary, though its client reads from replicas', async () => {
    const client = new Cluster(
      cluster.nodes.map(({ server: { host, port } }) => ({ host, port })),
      { scaleReads: 'slave' },
    );
    const readers = cluster.nodes.slice(3).map(({ redis }) => redis);
    const readsOf = async () =>
      (await Promise.all(readers.map((redis) => redis.info('commandstats')))).map(
        (stats) => /cmdstat_eval:calls=\d+/.exec(stats)?.[0],
      );
    try {
      const store = open({ redis: client });
      await store.begin(intent);
      expect(await store.find(intent)).toEqual(intent);
      expect(await store.listDue({ profileId, dueBefore: new Date() })).toBeDefined();
      expect(await readsOf()).toEqual([undefined, undefined, undefined]);
    } finally {
      client.disconnect();
    }
  });

  it('loses nothing that a replica had, as a primary is killed and its replica takes over', async () => {
    const keyPrefix = randomUUID();
    const more = { keyPrefix, waitForReplicas: 1, replicaTimeoutMs: 500, timeoutMs: 1_000 };
    const traffic = startIntentTraffic([open(more), open(more)]);
    try {
      await expect.poll(() => traffic.wonSince(0), patience).toBeGreaterThan(20);
      const owner = await cluster.ownerOf(hashTag);
      await owner.server.kill();
      const goneAt = performance.now();
      await expect.poll(() => traffic.failedSince(goneAt), patience).toBeGreaterThan(4);
      // The one that took over has no replica until the other is back.
      await expect.poll(() => cluster.ownerOf(hashTag), patience).not.toBe(owner);
      await owner.server.restart();
      const backAt = performance.now();
      await expect.poll(() => traffic.wonSince(backAt), patience).toBeGreaterThan(20);
    } finally {
      await traffic.stop();
    }
    expect(await traffic.faults(open({ keyPrefix }))).toEqual([]);
  }, 90_000);
});
