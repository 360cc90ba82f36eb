import { randomUUID } from 'node:crypto';
import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInbox } from '../../src/inbox/index.js';
import { type AcceptedVerdict, systemClock } from '../../src/index.js';
import {
  createMongoInboxStore,
  createMongoReplayStore,
  type InboxDocument,
  type ReplayDocument,
} from '../../src/stores/mongodb/index.js';
import { startTraffic } from '../inbox/traffic.js';
import { callback, notice, verifierWith } from '../requests.js';
import { reasonsOf, sendersHeard, startStream, takenTwice } from '../support/stream.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const senders = 4;
const claimMs = 1_000;
const timeoutMs = 500;
/** What a busy machine may add. */
const slackMs = 2_500;

describe.skipIf(usesForeignServers)(`a MongoDB whose primary goes away${foreign}`, () => {
  let set: ReplicaSet;
  const clients: MongoClient[] = [];

  beforeAll(async () => {
    set = await startReplicaSet({ lagControl: true });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await set.stop();
  });

  const connect = () => {
    const client = new MongoClient(set.uri);
    clients.push(client);
    return client.db('webhooks');
  };

  it('accepts, confirms and keeps nothing that the majority has not got', async () => {
    const database = connect();
    const store = createMongoReplayStore({
      collection: database.collection<ReplayDocument>('replay'),
    });
    const inbox = createInbox({
      store: createMongoInboxStore({ collection: database.collection<InboxDocument>('inbox') }),
      process: () => {},
      storeTimeoutMs: timeoutMs,
    });
    const verifier = verifierWith({ clock: systemClock, replay: { store, claimMs, timeoutMs } });
    const send = (id: string) => verifier.verify(callback({ ...notice, tran_ref: id }));
    // The first writes to a new server may take longer than the verifier waits.
    await until(async () => (await send(randomUUID())).verdict === 'accepted', {
      what: 'the store to be ready',
      timeoutMs: 15_000,
    });
    const first = (await send('first')) as AcceptedVerdict;
    const { replica1, replica2, replica3 } = set.members;
    const secondaries = [replica1, replica2, replica3];
    const holdBack = async (on: boolean) => {
      await Promise.all(secondaries.map((member) => member.setLag(on)));
    };
    await holdBack(true);
    try {
      const answers = await Promise.all([
        send('second'),
        first.claim.confirm(),
        inbox.receive(first).catch((error: unknown) => error),
      ]);
      expect(answers).toMatchObject([
        { reason: 'replay-store-failed' },
        false,
        { code: 'STORE_TIMEOUT' },
      ]);
    } finally {
      await holdBack(false);
    }
    await database.dropDatabase();
  });

  const outages: readonly [string, () => Promise<unknown>][] = [
    ['steps down', () => set.stepDown({ forSeconds: 30 })],
    ['is killed', async () => (await set.currentPrimary()).kill()],
  ];
  it.each(outages)(
    'as it %s: what was confirmed stays so, what was answered is processed, by one at a time',
    async (_how, goAway) => {
      const databases = [connect(), connect()];
      const [database] = databases;
      const store = createMongoReplayStore({
        collection: connect().collection<ReplayDocument>('replay'),
      });
      const inboxes = databases.map((one) =>
        createMongoInboxStore({ collection: one.collection<InboxDocument>('inbox') }),
      );
      await store.ensureIndexes();
      await inboxes[0]?.ensureIndexes();
      const verifier = verifierWith({ clock: systemClock, replay: { store, claimMs, timeoutMs } });
      const stream = startStream(verifier, senders);
      const traffic = startTraffic(inboxes);
      const { sendings } = stream;
      const sentSince = (time: number) => sendings.filter(({ sentAt }) => sentAt > time);
      try {
        await expect.poll(() => sendersHeard(sendings)).toBe(senders);
        await expect.poll(() => traffic.processed.size).toBeGreaterThan(10);
        await goAway();
        await set.currentPrimary();
        const backAt = performance.now();
        await expect.poll(() => sendersHeard(sentSince(backAt))).toBe(senders);
        const sofar = traffic.answered.length;
        await expect.poll(() => traffic.answered.length).toBeGreaterThan(sofar + 10);
        await Promise.all([stream.stop(), traffic.stopSending()]);
        await expect.poll(traffic.missing, { timeout: 30_000 }).toEqual([]);
      } finally {
        await Promise.all([stream.stop(), traffic.stop()]);
        await database?.dropDatabase();
      }
      const refused = sendings.filter(
        ({ verdict }) => verdict.verdict === 'refused' && verdict.repeat === undefined,
      );
      expect(reasonsOf(refused).filter((reason) => reason !== 'replay-store-failed')).toEqual([]);
      const slowest = Math.max(...sendings.map(({ sentAt, endedAt }) => endedAt - sentAt));
      expect(slowest).toBeLessThan(timeoutMs + slackMs);
      expect(takenTwice(sendings, claimMs)).toEqual([]);
      expect(traffic.metAnother).toEqual([]);
    },
    90_000,
  );
});
