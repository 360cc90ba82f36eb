import { randomUUID } from 'node:crypto';
import {
  type ClusterNode,
  FOREIGN_SERVERS_REASON,
  type RedisCluster,
  startRedisCluster,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AcceptedVerdict, systemClock, type WebhookVerifier } from '../../src/index.js';
import { createRedisInboxStore, createRedisReplayStore } from '../../src/stores/redis/index.js';
import { deliveryOf } from '../../src/testing/inbox-check.js';
import { inboxStoreConformance, replayStoreConformance } from '../../src/testing/index.js';
import { callback, notice, verifierWith } from '../requests.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.skipIf(usesForeignServers)(`a cluster of three Redis${foreign}`, () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  const replayChecks = replayStoreConformance(() => ({
    store: createRedisReplayStore({ redis: cluster.client }),
    passTime: sleep,
    shortMs: 1_500,
  }));
  const inboxChecks = inboxStoreConformance(() => ({
    store: createRedisInboxStore({ redis: cluster.client, keyPrefix: `test:${randomUUID()}` }),
    passTime: sleep,
    shortMs: 1_500,
  }));
  describe.concurrent.each([
    ['replay', replayChecks],
    ['inbox', inboxChecks],
  ])('with its %s store', (_name, checks) => {
    it.concurrent.for(checks)('conforms: $name', ({ run }, { expect }) =>
      expect(run()).resolves.toBeUndefined(),
    );
  });

  it('knows its deliveries while their slots move, and afterwards', async () => {
    const store = createRedisReplayStore({ redis: cluster.client, keyPrefix: '{moved}' });
    const verifier = verifierWith({ clock: systemClock, replay: { store } });
    const send = (id: string) => verifier.verify(callback({ ...notice, tran_ref: id }));
    const handled = (await send('handled')) as AcceptedVerdict;
    await handled.claim.confirm();
    const claimed = (await send('claimed')) as AcceptedVerdict;
    const known = async () => {
      expect(await send('handled')).toMatchObject({ repeat: 'confirmed' });
      expect(await send('claimed')).toMatchObject({ repeat: 'claimedElsewhere' });
      expect(await send('new')).toMatchObject({ repeat: 'claimedElsewhere' });
    };
    const from = await cluster.ownerOf('{moved}');
    await cluster.moveSlotOf('{moved}', async () => {
      expect((await send('new')).verdict).toBe('accepted');
      await known();
    });
    expect(await cluster.ownerOf('{moved}')).not.toBe(from);
    await known();
    expect(await claimed.claim.confirm()).toBe(true);
    expect(await send('claimed')).toMatchObject({ repeat: 'confirmed' });
  });

  it('keeps its inbox while the slot moves, and works it off afterwards', async () => {
    const keyPrefix = 'moved inbox';
    const store = createRedisInboxStore({ redis: cluster.client, keyPrefix });
    const keys = ['one', 'other'];
    for (const key of keys) await store.add(key, deliveryOf(key));
    const [taken] = (await store.take({ token: 't', leaseMs: 60_000, limit: 1 })).entries;
    let added: unknown;
    await cluster.moveSlotOf(`{${keyPrefix}}`, async () => {
      added = await Promise.resolve(store.add('new', deliveryOf('new'))).catch(() => 'refused');
    });
    if (added === 'added') keys.push('new');
    expect(await store.complete(taken?.key ?? '', { token: 't', keepMs: 60_000 })).toBe(true);
    const { entries, unreadable } = await store.take({ token: 't', leaseMs: 60_000, limit: 10 });
    expect(entries.map(({ key }) => key).sort()).toEqual(
      keys.filter((key) => key !== taken?.key).sort(),
    );
    expect(unreadable).toEqual([]);
  });

  it('refuses while a node is away, its own deliveries and soon those of all, and comes back', async () => {
    const [lost, other] = cluster.nodes as [ClusterNode, ClusterNode];
    const verifierOn = async (node: ClusterNode) => {
      for (let index = 0; ; index += 1) {
        const keyPrefix = `{${index}}`;
        if ((await cluster.ownerOf(keyPrefix)) !== node) continue;
        const store = createRedisReplayStore({ redis: cluster.client, keyPrefix });
        return verifierWith({ clock: systemClock, replay: { store, timeoutMs: 300 } });
      }
    };
    const verifiers = [await verifierOn(lost), await verifierOn(other)] as const;
    const reasonOf = async (verifier: WebhookVerifier) => {
      const verdict = await verifier.verify(callback({ ...notice, tran_ref: randomUUID() }));
      return verdict.verdict === 'refused' ? verdict.reason : verdict.verdict;
    };
    const reasons = () => Promise.all(verifiers.map(reasonOf));
    expect(await reasons()).toEqual(['accepted', 'accepted']);
    await lost.server.kill();
    expect(await reasonOf(verifiers[0])).toBe('replay-store-failed');
    await expect.poll(reasons).toEqual(['replay-store-failed', 'replay-store-failed']);
    await lost.server.restart();
    await expect.poll(reasons).toEqual(['accepted', 'accepted']);
  });
});
