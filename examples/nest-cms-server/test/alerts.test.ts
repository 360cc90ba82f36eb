import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeDocument } from '../src/payments/webhook/notice.document.js';
import { Database } from '../src/platform/mongo/database.js';
import type { DomainEvent } from '../src/platform/outbox/event.js';
import { OUTBOX, type OutboxDocument } from '../src/platform/outbox/outbox.collection.js';
import { Outbox } from '../src/platform/outbox/outbox.js';
import { OutboxRelay } from '../src/platform/outbox/outbox-relay.js';
import { settled } from './support/house.js';
import { metricOf } from './support/metric.js';
import { noticeBody } from './support/notice.js';
import { type NoticeHouse, startNoticeHouse } from './support/notice-house.js';

const ALERT = 'alert: a person must look at this';

let house: NoticeHouse;
beforeAll(async () => {
  house = await startNoticeHouse({ LOG_LEVEL: 'info' });
});
afterAll(() => house.stop());

const alertsLogged = () => house.server.log.named(ALERT);
const counted = (reason: string) =>
  metricOf(house.server, `nestcms_alerts_total{reason="${reason}"}`);

async function append(event: DomainEvent): Promise<void> {
  const { app } = house.server;
  await app.get(Database).transaction((session) => app.get(Outbox).append(session, event));
  await app.get(OutboxRelay).drain();
}

const alert = (data: Record<string, unknown>): DomainEvent => ({
  type: 'alert.raised',
  aggregate: { type: 'payment', id: new ObjectId().toHexString() },
  data,
});

describe('an alert about money', () => {
  it('that a notice gave rise to is logged as an error and counted, without the payer', async () => {
    expect(await counted('unknownCart')).toBe(0);
    const stranger = { id: new ObjectId().toHexString() };
    expect((await house.post(noticeBody(stranger))).status).toBe(200);
    await settled(house.server);

    expect(alertsLogged()).toEqual([
      expect.objectContaining({
        level: 'error',
        reason: 'unknownCart',
        cartId: `${stranger.id}.1`,
        tranRef: 'TST2632400000777',
        mismatches: [],
        meaning: expect.stringContaining('none of ours'),
        aggregate: { type: 'notice', id: expect.any(String) },
      }),
    ]);
    expect(JSON.stringify(alertsLogged())).not.toMatch(/Sara|Haddad|sara@example\.com/);
    expect(await counted('unknownCart')).toBe(1);
  });

  it('tells its own fields alone, and counts a reason from outside its list as other', async () => {
    const before = alertsLogged().length;
    await append(alert({ reason: 'paidTwice', tranRef: 'T1', cartId: 'c.1', email: 'a@b.test' }));
    await append(alert({ reason: 'toString', tranRef: 'T2' }));
    const lines = alertsLogged().slice(before);
    expect(lines).toMatchObject([{ reason: 'paidTwice', tranRef: 'T1' }, { tranRef: 'T2' }]);
    expect(JSON.stringify(lines)).not.toContain('a@b.test');
    expect([await counted('paidTwice'), await counted('other')]).toEqual([1, 1]);
    const { body } = await house.server.api.get<string>('/metrics');
    expect(body).not.toContain('toString');
  });

  it('stays in the outbox, where other events are removed some time after their delivery', async () => {
    const kept = alert({ reason: 'paidTwice' });
    const other = { ...alert({}), type: 'thing.made' };
    await append(kept);
    await append(other);
    const events = house.server.db.collection<OutboxDocument>(OUTBOX);
    // The server removes by fields that are dates; a document without the field is left alone.
    const removedBy = (await events.indexes())
      .filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined)
      .flatMap(({ key }) => Object.keys(key));
    expect(removedBy).toEqual(['deliveredAt']);
    const find = ({ aggregate }: DomainEvent) => events.findOne({ 'aggregate.id': aggregate.id });
    const [keptDocument, otherDocument] = [await find(kept), await find(other)];
    expect(otherDocument).toMatchObject({ pending: false, deliveredAt: expect.any(Date) });
    expect(keptDocument).toMatchObject({
      pending: false,
      delivered: expect.arrayContaining(['alerts', 'cache']),
      keptSince: expect.any(Date),
    });
    expect(keptDocument).not.toHaveProperty('deliveredAt');
  });
});

describe('the inbox', () => {
  it('says how many notices wait, and since when', async () => {
    expect(await metricOf(house.server, 'nestcms_webhook_inbox_pending')).toBe(0);
    const inbox = house.server.db.collection<NoticeDocument>('webhookInbox');
    const now = house.clock.wallTime();
    const later = new Date(now + 3_600_000);
    const waiting = (digest: string, ageMs: number): NoticeDocument => ({
      _id: new ObjectId(),
      v: 1,
      profileId: 1,
      tranRef: digest,
      status: 'A',
      cartId: 'c.1',
      body: '{}',
      digest,
      stale: false,
      receivedAt: new Date(now - ageMs),
      correlationId: 'none',
      pending: true,
      tries: 1,
      dueAt: later,
      leasedUntil: later,
    });
    await inbox.insertMany([waiting('one', 60_000), waiting('two', 600_000)]);
    expect(await metricOf(house.server, 'nestcms_webhook_inbox_pending')).toBe(2);
    const age = await metricOf(house.server, 'nestcms_webhook_inbox_oldest_age_seconds');
    expect(age).toBeGreaterThanOrEqual(600);
    expect(age).toBeLessThan(3_600);
  });
});
