import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  usesForeignServers,
} from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MongoIntentStore } from '../src/stores/mongodb/index.js';
import { startIntentTraffic } from './intent-traffic.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`a MongoDB whose primary goes away${foreign}`, () => {
  let set: ReplicaSet;
  const clients: MongoClient[] = [];
  beforeAll(async () => {
    set = await startReplicaSet();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await set.stop();
  });
  const open = (collectionName: string) => {
    const client = new MongoClient(set.uri);
    clients.push(client);
    return new MongoIntentStore({ db: client.db('paytabs'), collectionName });
  };

  const outages: readonly [string, () => Promise<unknown>][] = [
    ['steps down', () => set.stepDown({ forSeconds: 30 })],
    ['is killed', async () => (await set.currentPrimary()).kill()],
  ];
  it.each(outages)(
    'as it %s in the middle: one winner each, and nothing that was acknowledged is lost',
    async (how, goAway) => {
      const traffic = startIntentTraffic([open(how), open(how)]);
      try {
        await expect.poll(() => traffic.wonSince(0), { timeout: 20_000 }).toBeGreaterThan(50);
        await goAway();
        await set.currentPrimary();
        const backAt = performance.now();
        await expect.poll(() => traffic.wonSince(backAt), { timeout: 30_000 }).toBeGreaterThan(50);
      } finally {
        await traffic.stop();
      }
      expect(await traffic.faults(open(how))).toEqual([]);
    },
    120_000,
  );
});
