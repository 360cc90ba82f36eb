import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Inbox } from '../../src/payments/webhook/inbox.js';
import { Database } from '../../src/platform/mongo/database.js';
import { readPayment, settled } from '../support/house.js';
import { booksOf, ledgerOf } from '../support/money.js';
import { noticeBody } from '../support/notice.js';
import { type NoticeHouse, startNoticeHouse } from '../support/notice-house.js';

const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';
const LEASE_MS = 15_000;

describe('a notice in nobody’s hands', () => {
  let house: NoticeHouse;

  beforeAll(async () => {
    house = await startNoticeHouse();
  });
  afterAll(() => house.stop());

  it('is taken by one instance, and by another when its lease is over: then the first one’s effect is void', async () => {
    const database = house.server.app.get(Database);
    const [one, other] = [new Inbox(database, house.clock), new Inbox(database, house.clock)];
    const body = JSON.stringify(noticeBody({ id: '665f1c2ab7e4d2a1c3f4e5d7' }));
    const stored = {
      profileId: 98_765,
      tranRef: 'TST2632400000555',
      status: 'A',
      cartId: '665f1c2ab7e4d2a1c3f4e5d7.1',
      body,
      stale: false,
    };
    expect(await one.store(stored)).toBe(true);
    expect(await other.store(stored)).toBe(false);
    const taken = await one.take();
    expect(taken).toMatchObject({ tranRef: stored.tranRef, tries: 1 });
    expect(await other.take()).toBeNull();
    house.clock.advance(LEASE_MS + 1);
    const again = await other.take();
    expect(again).toMatchObject({ _id: taken?._id, tries: 2 });
    if (!taken || !again) throw new Error('Nothing was taken');

    const effects = house.server.db.collection<{ by: string }>('effects');
    const finish = (inbox: Inbox, by: string) =>
      database.transaction(async (session) => {
        await database.collection<{ by: string }>('effects').insertOne({ by }, { session });
        await inbox.finish(session, again, { verdict: 'unchanged', reason: 'known' });
      });
    await expect(finish(one, 'one')).rejects.toThrow('in other hands');
    await finish(other, 'other');
    expect((await effects.find().toArray()).map(({ by }) => by)).toEqual(['other']);
  });
});

describe.skipIf(usesForeignServers)(`a notice while the database is away${why}`, () => {
  let set: ReplicaSet;
  let house: NoticeHouse;

  beforeAll(async () => {
    set = await startReplicaSet({ failover: false });
    house = await startNoticeHouse({
      MONGODB_URI: set.uri,
      MONGODB_SERVER_SELECTION_TIMEOUT_MS: '500',
    });
  });
  afterAll(async () => {
    await house.stop();
    await set.stop();
  });

  it('is not acknowledged: the gateway delivers it again, and then it counts', async () => {
    const { id, tranRef, client } = await house.usedPage();
    await set.members.primary.kill();
    const [refused] = await house.simulator.deliver(tranRef);
    expect(refused?.status).toBe(503);
    await set.members.primary.restart();
    await until(async () => (await house.simulator.deliver(tranRef))[0]?.status === 200, {
      what: 'the notice to be taken',
      timeoutMs: 15_000,
      intervalMs: 250,
    });
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('paid');
    expect(await house.noticesOf(id)).toHaveLength(1);
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
  });
});
